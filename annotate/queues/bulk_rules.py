"""What an act does to a task, or why it passes it over: one condition after the other, in the database, for any number of tasks.

The preview, the act itself and keeping single items for somebody all ask here, so that they can never disagree. Words for
the codes stand in `bulk_words`.
"""

from __future__ import annotations

from annotate.queues.policies import WORKERS
from annotate.queues.requiring import lacking

WAITING = ("open", "returned", "parked")
_HELD = """EXISTS (SELECT 1 FROM annotate_lease l
    WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())"""
_ROLES = " ".join(f"WHEN '{stage}' THEN ARRAY[{', '.join(repr(role) for role in roles)}]" for stage, roles in WORKERS.items())


def works(person: str) -> str:
    """SQL: this person may be served from the queue `q`."""
    return f"""EXISTS (SELECT 1 FROM annotate_person w WHERE w.id = {person} AND w.is_active
    AND (EXISTS (SELECT 1 FROM annotate_projectmember m
                 WHERE m.project_id = q.project_id AND m.person_id = w.id AND m.role = ANY(CASE q.stage {_ROLES} END))
         OR EXISTS (SELECT 1 FROM annotate_membership o JOIN annotate_project p ON p.organisation_id = o.organisation_id
                    WHERE p.id = q.project_id AND o.person_id = w.id AND o.role IN ('owner', 'admin')))
    AND (NOT EXISTS (SELECT 1 FROM annotate_assignment a WHERE a.queue_id = q.id)
         OR EXISTS (SELECT 1 FROM annotate_assignment a WHERE a.queue_id = q.id AND a.person_id = w.id)))"""


def has_one(person: str) -> str:
    """SQL: another task of the same item and round is this person's already, or in their hands."""
    return f"""(EXISTS (SELECT 1 FROM annotate_task o
        WHERE o.queue_id = t.queue_id AND o.item_id = t.item_id AND o.round = t.round AND o.person_id = {person} AND o.id <> t.id)
    OR EXISTS (SELECT 1 FROM annotate_lease l
        WHERE l.item_id = t.item_id AND l.queue_id = t.queue_id AND l.person_id = {person} AND l.task_id <> t.id
          AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()))"""


_PERSON = "%(person)s::bigint"
# Why a person cannot be served a task, whoever else it waits for.
UNFIT = [
    ("not_theirs", f"NOT {works(_PERSON)}"),
    ("not_qualified", f"cardinality({lacking(_PERSON)}) > 0"),
    ("has_one", has_one(_PERSON)),
    (
        "skipped",
        f"""EXISTS (SELECT 1 FROM annotate_skip s JOIN annotate_task o ON o.id = s.task_id
            WHERE s.item_id = t.item_id AND s.person_id = {_PERSON} AND s.settled <> 'back'
              AND o.queue_id = t.queue_id AND o.round = t.round)""",
    ),
    (
        "own_work",
        f"""q.stage <> 'annotate' AND EXISTS (SELECT 1 FROM annotate_annotation a
            WHERE a.item_id = t.item_id AND a.person_id = {_PERSON}
              AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id))""",
    ),
]
_WAITING = ", ".join(f"'{state}'" for state in WAITING)
PASSED: dict[str, list[tuple[str, str]]] = {
    "assign": [
        ("not_waiting", "t.state <> 'open'"),
        ("held", _HELD),
        ("same", f"t.person_id = {_PERSON} AND t.reserved_until IS NOT DISTINCT FROM %(until)s::timestamptz"),
        ("reserved", f"t.person_id <> {_PERSON}"),
        *UNFIT,
    ],
    "release": [
        ("not_reserved", "t.state <> 'open' OR t.person_id IS NULL"),
        ("held", _HELD),
    ],
    "prioritise": [
        ("not_waiting", f"t.state NOT IN ({_WAITING})"),
        ("other_order", "%(priority)s::bigint IS NOT NULL AND q.order <> 'priority'"),
        ("same", "%(priority)s::bigint IS NOT NULL AND t.rank = -1000 * %(priority)s::bigint"),
    ],
    "send_back": [
        ("judging", "q.stage <> 'annotate'"),
        ("not_answered", "t.state <> 'answered' OR t.annotation_id IS NULL"),
        (
            "approved",
            "i.state = 'approved' OR EXISTS (SELECT 1 FROM annotate_approval p"
            " WHERE p.annotation_id = t.annotation_id AND p.ended_at IS NULL)",
        ),
        ("item_state", "i.state NOT IN ('labelled', 'returned')"),
        (
            "in_review",
            "EXISTS (SELECT 1 FROM annotate_lease l WHERE l.item_id = t.item_id AND l.annotation_id = t.annotation_id"
            " AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())",
        ),
        ("author_gone", f"NOT {works('t.person_id')}"),
    ],
    "void": [
        ("not_waiting", f"t.state NOT IN ({_WAITING})"),
        ("judging", "q.stage <> 'annotate'"),
        ("held", _HELD),
    ],
}
# (state, person, rank, until) as the act leaves them; `planned` is the place worked out when the act was asked for.
LEAVES: dict[str, tuple[str, str, str, str]] = {
    "assign": ("t.state", _PERSON, "t.rank", "%(until)s::timestamptz"),
    "release": ("t.state", "NULL::bigint", "t.rank", "NULL::timestamptz"),
    "prioritise": (
        "t.state",
        "t.person_id",
        "CASE WHEN %(priority)s::bigint IS NULL THEN coalesce({planned}, t.rank) ELSE -1000 * %(priority)s::bigint END",
        "t.reserved_until",
    ),
    "send_back": ("'returned'", "t.person_id", "t.rank", "NULL::timestamptz"),
    "void": ("'void'", "CASE WHEN t.state = 'open' THEN NULL ELSE t.person_id END", "t.rank", "NULL::timestamptz"),
}


def why(reasons: list[tuple[str, str]]) -> str:
    """SQL: the first reason that applies, '' for none."""
    return "CASE " + " ".join(f"WHEN {condition} THEN '{code}'" for code, condition in reasons) + " ELSE '' END"


def judged(act: str) -> str:
    """SQL of (id, why) for the tasks in `%(ids)s`; of several tasks of an item one goes to the same person."""
    first = f"""SELECT t.id, t.queue_id, t.item_id, t.round, t.n, {why(PASSED[act])} AS why
        FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id JOIN annotate_item i ON i.id = t.item_id
        WHERE t.id = ANY(%(ids)s::bigint[])"""
    if act != "assign":
        return first
    return f"""SELECT f.id, CASE WHEN f.why = '' AND f.nth > 1 THEN 'has_one' ELSE f.why END AS why FROM (
        SELECT j.*, row_number() OVER (PARTITION BY j.queue_id, j.item_id, j.round, j.why ORDER BY j.n) AS nth
        FROM ({first}) AS j) AS f"""


def leaves(act: str, planned: str = "NULL::bigint") -> tuple[str, str, str, str]:
    """SQL of (state, person, rank, until) of a task `t` after the act."""
    state, person, rank, until = LEAVES[act]
    return state, person, rank.format(planned=planned), until

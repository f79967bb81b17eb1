"""Work of a project that does not move by itself, and why: each kind with its oldest items and where to mend it.

held      somebody has had it for longer than an hour
returned  it went back to its author more than two days ago
skipped   everyone who may answer it has passed on it, or answered it for their own part
parked    its question waits for an answer, or its dispute for a decision
overlap   nobody is left to answer it: it asks for more answers than there are people
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from annotate.projects.models import Project
from annotate.queues.policies import WORKERS

KINDS = ("held", "returned", "skipped", "parked", "overlap")
SHOWN = 20  # of each kind; the count is of all
HELD = dt.timedelta(hours=1)
RETURNED = dt.timedelta(days=2)

# Who may answer in each queue: those it names, else all whose role may; nobody who is paused or may not sign in.
_ABLE = """
able AS (
    SELECT q.id AS queue, q.stage, p.id AS person
    FROM annotate_queue q JOIN annotate_project pr ON pr.id = q.project_id
    JOIN annotate_person p ON p.is_active AND p.id IN (
        SELECT person_id FROM annotate_projectmember WHERE project_id = q.project_id
        UNION SELECT person_id FROM annotate_membership WHERE organisation_id = pr.organisation_id AND role IN ('owner', 'admin'))
    LEFT JOIN annotate_projectmember m ON m.project_id = q.project_id AND m.person_id = p.id
    LEFT JOIN annotate_membership o ON o.organisation_id = pr.organisation_id AND o.person_id = p.id
    LEFT JOIN annotate_assignment x ON x.queue_id = q.id AND x.person_id = p.id
    WHERE q.project_id = %(project)s AND q.state <> 'closed' AND o.id IS NOT NULL
      AND CASE WHEN o.role IN ('owner', 'admin') THEN 'manager' ELSE m.role END
          = ANY(CASE q.stage WHEN 'annotate' THEN %(annotate)s::text[] ELSE %(review)s::text[] END)
      AND (x.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM annotate_assignment y WHERE y.queue_id = q.id))
      AND NOT coalesce(x.paused, false)
      AND NOT EXISTS (SELECT 1 FROM annotate_pause z WHERE z.person_id = p.id AND z.project_id = q.project_id
                      AND (z.queue_id = q.id OR z.queue_id IS NULL))),
hands AS (SELECT queue, count(*) AS n FROM able GROUP BY queue)
"""
# Only tasks of items that somebody skipped, and of queues with fewer hands than answers asked for, can have nobody left: the rest
# of a long queue is never walked.
_STUCK = f"""
WITH {_ABLE},
candidates AS (
    SELECT t.id, t.queue_id, t.item_id, t.round, t.created_at, true AS skipped
    FROM annotate_skip s JOIN annotate_task st ON st.id = s.task_id JOIN annotate_queue q ON q.id = st.queue_id
    JOIN annotate_task t ON t.queue_id = st.queue_id AND t.item_id = st.item_id AND t.round = st.round AND t.state = 'open' AND NOT t.gold
    WHERE q.project_id = %(project)s AND q.state <> 'closed' AND s.settled_at IS NULL
    UNION
    SELECT t.id, t.queue_id, t.item_id, t.round, t.created_at, false
    FROM annotate_queue q LEFT JOIN hands ON hands.queue = q.id JOIN annotate_task t ON t.queue_id = q.id AND t.state = 'open' AND NOT t.gold
    WHERE q.project_id = %(project)s AND q.state <> 'closed' AND q.stage = 'annotate' AND q.overlap > 1
      AND coalesce(hands.n, 0) < q.overlap AND coalesce(hands.n, 0) > 0
      AND EXISTS (SELECT 1 FROM annotate_task d WHERE d.queue_id = q.id AND d.item_id = t.item_id AND d.round = t.round
                  AND d.person_id IS NOT NULL)),
nobody AS (
    SELECT c.id, c.queue_id, c.item_id, c.created_at, bool_or(c.skipped) AS skipped FROM candidates c
    WHERE NOT EXISTS (
        SELECT 1 FROM able e WHERE e.queue = c.queue_id
          AND NOT EXISTS (SELECT 1 FROM annotate_task d WHERE d.queue_id = c.queue_id AND d.item_id = c.item_id
                          AND d.round = c.round AND d.person_id = e.person)
          AND NOT EXISTS (SELECT 1 FROM annotate_skip s JOIN annotate_task st ON st.id = s.task_id
                          WHERE s.person_id = e.person AND st.queue_id = c.queue_id AND st.item_id = c.item_id
                            AND st.round = c.round AND s.settled <> 'back'))
      AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = c.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())
    GROUP BY 1, 2, 3, 4),
found AS (
    SELECT 'held' AS kind, l.queue_id, l.item_id, l.person_id, l.created_at AS since, l.id AS about
    FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id JOIN annotate_task t ON t.id = l.task_id AND NOT t.gold
    WHERE q.project_id = %(project)s AND l.slot = 0 AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()
      AND l.created_at < %(now)s - %(held)s
    UNION ALL
    SELECT 'returned', t.queue_id, t.item_id, t.person_id, back.since, t.id
    FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
    CROSS JOIN LATERAL (
        SELECT coalesce(max(r.created_at), t.answered_at, t.created_at) AS since FROM annotate_review r
        WHERE r.annotation_id = t.annotation_id AND r.verdict = 'return') back
    WHERE q.project_id = %(project)s AND q.state <> 'closed' AND t.state = 'returned' AND NOT t.gold AND back.since < %(now)s - %(returned)s
    UNION ALL
    SELECT 'parked', t.queue_id, t.item_id, t.person_id, coalesce(max(u.created_at), (
        SELECT max(d.created_at) FROM annotate_dispute d WHERE d.task_id = t.id AND d.state = 'open'), t.created_at), t.id
    FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id LEFT JOIN annotate_question u ON u.task_id = t.id AND u.answered_at IS NULL
    WHERE q.project_id = %(project)s AND q.state <> 'closed' AND t.state = 'parked' AND NOT t.gold GROUP BY t.id
    UNION ALL
    SELECT CASE WHEN skipped THEN 'skipped' ELSE 'overlap' END, queue_id, item_id, NULL, created_at, id FROM nobody),
numbered AS (SELECT *, count(*) OVER (PARTITION BY kind) AS n, row_number() OVER (PARTITION BY kind ORDER BY since, about) AS place FROM found)
SELECT f.kind, f.n, f.about, f.queue_id, q.name, f.item_id, i.key, f.person_id, p.name, f.since
FROM numbered f JOIN annotate_queue q ON q.id = f.queue_id JOIN annotate_item i ON i.id = f.item_id
LEFT JOIN annotate_person p ON p.id = f.person_id
WHERE f.place <= %(shown)s AND i.state <> 'erased' ORDER BY f.kind, f.since, f.about
"""


@dataclass(frozen=True)
class Stuck:
    """`about`: the lease when held, else the task. `person` holds it, has it back or asked; None when it is nobody's."""

    about: int
    queue: int
    queue_name: str
    item: int
    key: str
    person: int | None
    person_name: str | None
    since: dt.datetime


@dataclass
class Kind:
    name: str
    count: int = 0
    rows: list[Stuck] = field(default_factory=list)


def stuck(project: Project, *, now: dt.datetime) -> list[Kind]:
    """Each kind that there is, the oldest rows first. One statement."""
    values: dict[str, Any] = {
        "project": project.pk, "now": now, "held": HELD, "returned": RETURNED, "shown": SHOWN,
        "annotate": list(WORKERS["annotate"]), "review": list(WORKERS["review"]),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_STUCK, values)
        return _gathered(cursor.fetchall())


def _gathered(rows: Iterable[tuple[Any, ...]]) -> list[Kind]:
    kinds = {name: Kind(name) for name in KINDS}
    for name, count, *rest in rows:
        kinds[name].count = count
        kinds[name].rows.append(Stuck(*rest))
    return [kind for kind in kinds.values() if kind.count]

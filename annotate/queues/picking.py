"""The statements that pick a task, lock it, end a lease that ran out on it, and lease it to a person.

They give (task, item, round, annotation, lease, created, expires); the lease is null when another taker was faster.
"""

from __future__ import annotations

from functools import cache

# Keeps the planner from turning a check into a join over whole tables, which is what it does while a table is new and has
# no statistics: with it, each check is probed for one task after the other until the first that fits.
_ALONE = "OFFSET 0"
_LIVE = "l.ended_at IS NULL AND l.expires_at > clock_timestamp()"

# What makes a task of any stage unfit for this person now. Each check is one probe of an index.
_ANY = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND {_LIVE} {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = t.item_id AND h.ended_at IS NULL {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_item i WHERE i.id = t.item_id AND i.state = 'erased' {_ALONE})
"""
# An item comes to a person once a round: not after their own answer, lease or skip, nor when another of its tasks is kept
# for them; the one that is kept for them does.
_NOT_HELD = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_lease l
                    WHERE l.item_id = t.item_id AND l.person_id = %(person)s::bigint AND {_LIVE} {_ALONE})
"""
_ONCE = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_task o
                    WHERE o.queue_id = t.queue_id AND o.item_id = t.item_id AND o.round = t.round
                      AND o.person_id = %(person)s::bigint AND o.id <> t.id {_ALONE})
    {_NOT_HELD}
    AND NOT EXISTS (SELECT 1 FROM annotate_task o
                    WHERE o.item_id = t.item_id AND o.queue_id + 0 = t.queue_id AND o.round = t.round
                      AND EXISTS (SELECT 1 FROM annotate_skip s
                                  WHERE s.task_id = o.id AND s.person_id = %(person)s::bigint AND s.settled <> 'back' {_ALONE}) {_ALONE})
"""
# Nothing newer was written about the item; a second look is at what was judged, whatever came of that.
_NEWEST = f"""
    AND (t.rejudges_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM annotate_annotation a JOIN annotate_annotation seen ON seen.id = t.annotation_id
                    WHERE a.item_id = t.item_id AND a.number > seen.number {_ALONE}))
"""
# Nobody judges an item that they answered in any round (a fix that was taken back is no answer, nor is putting back what
# was there before it), nor once more what they returned in vain; and what is judged is the newest revision of the item, which
# its author has not opened again.
_NOT_OWN = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_annotation a
                    WHERE a.item_id = t.item_id AND a.person_id = %(person)s::bigint AND a.source <> 'undo'
                      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id) {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_task o
                    WHERE o.item_id = t.item_id AND o.state = 'returned'
                      AND (o.person_id = %(person)s::bigint OR (o.annotation_id = t.annotation_id AND t.rejudges_id IS NULL))
                      AND EXISTS (SELECT 1 FROM annotate_queue k WHERE k.id = o.queue_id AND k.stage = 'annotate') {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_dispute d JOIN annotate_review r ON r.id = d.review_id
                    WHERE d.item_id = t.item_id AND d.state = 'overturned' AND d.against_id = %(person)s::bigint
                      AND r.annotation_id = t.annotation_id {_ALONE})
    {_NEWEST}
"""

# Who decides between answers has judged none of the item's before: a reviewer's verdict of theirs that stands.
_NOT_REVIEWED = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_review v
                    WHERE v.item_id = t.item_id AND v.person_id = %(person)s::bigint
                      AND NOT EXISTS (SELECT 1 FROM annotate_task w JOIN annotate_queue k ON k.id = w.queue_id
                                      WHERE w.id = v.task_id AND k.stage = 'adjudicate')
                      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id) {_ALONE})
"""
_OTHERS = {"annotate": "", "review": _NOT_OWN, "adjudicate": f"{_NOT_OWN} {_NOT_REVIEWED}"}


def answers(item: str, queue: str, round_: str, overlap: str) -> str:
    """SQL: how many answers are asked for to an item in a round, further ones too; `overlap` is that of the queue."""
    return f"""CASE WHEN {overlap} > 1 THEN (SELECT count(*) FROM annotate_task n
        WHERE n.item_id = {item} AND n.queue_id + 0 = {queue} AND n.round = {round_} AND n.state <> 'void' AND NOT n.gold)::int ELSE 1 END"""


# The group of a task's item where that is a frame. Asked for as a value, so that claims are looked up by it: joined to the
# item, a planner without statistics reads all claims of the queue first.
_GROUP = "(SELECT i.group_key FROM annotate_item i WHERE i.id = t.item_id AND i.frame IS NOT NULL)"
# Frames of a group that others work through wait for them, as many people as the frame is asked answers of. Who works there
# already, as the last one when nothing else was left, goes on.
_UNCLAIMED = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_groupclaim g
                    WHERE g.queue_id = t.queue_id AND g.group_key = {_GROUP}
                      AND g.person_id <> %(person)s::bigint AND g.expires_at > clock_timestamp()
                      AND NOT EXISTS (SELECT 1 FROM annotate_groupclaim own
                                      WHERE own.queue_id = t.queue_id AND own.group_key = g.group_key
                                        AND own.person_id = %(person)s::bigint AND own.expires_at > clock_timestamp())
                    OFFSET greatest({answers("t.item_id", "t.queue_id", "t.round", "%(overlap)s::int")} - 1, 0))
"""
# And a frame that one of them has begun is theirs in any case.
_UNBEGUN = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_draft d
                    WHERE d.task_id = t.id AND d.person_id <> %(person)s::bigint
                      AND EXISTS (SELECT 1 FROM annotate_groupclaim g
                                  WHERE g.queue_id = t.queue_id AND g.group_key = {_GROUP}
                                    AND g.person_id = d.person_id AND g.expires_at > clock_timestamp() {_ALONE}) {_ALONE})
"""
# Where the person was last: what lies before it was not for them. Once a minute, and before giving up, from the start.
_CURSOR = """
    AND (t.rank, t.id) >= (
        SELECT coalesce(max(was.rank), -9223372036854775808), coalesce(max(was.id), 0) FROM (
            SELECT o.rank, o.id FROM annotate_lease l JOIN annotate_task o ON o.id = l.task_id
            WHERE l.id = (SELECT m.id FROM annotate_lease m
                          WHERE m.person_id = %(person)s::bigint AND m.queue_id = %(queue)s::bigint
                          ORDER BY m.id DESC LIMIT 1)
              AND date_trunc('minute', l.created_at) = date_trunc('minute', clock_timestamp())
        ) AS was)
"""

# What a new answer begins from: labels that came back and that no person of the project drew. Never another's answer, but
# where a split label is to be told apart in what there is.
_BEGUN = """(SELECT a.id FROM annotate_annotation a
    LEFT JOIN annotate_annotation written ON written.id = a.parent_id AND a.source = 'undo'
    WHERE a.id = t.annotation_id AND (coalesce(written.source, a.source) IN ('import', 'migration', 'consensus')
        OR EXISTS (SELECT 1 FROM annotate_schemachange s WHERE s.queue_id = t.queue_id)))"""

_STATEMENT = """
WITH picked AS (
    SELECT t.id, t.item_id, t.round, t.gold, {pinned} AS annotation_id
    FROM {source}
    WHERE {of_queue} = %(queue)s::bigint {fit}
    ORDER BY {order} LIMIT 1
    FOR UPDATE OF t {locked}
), ended AS (
    UPDATE annotate_lease l SET ended_at = clock_timestamp(), ended_by = 'expiry'
    FROM picked
    WHERE l.task_id = picked.id AND l.ended_at IS NULL AND l.expires_at <= clock_timestamp()
    RETURNING l.id
), made AS (
    INSERT INTO annotate_lease (task_id, queue_id, item_id, person_id, round, slot, schema_version_id, annotation_id,
                                created_at, expires_at, ended_by)
    SELECT picked.id, %(queue)s::bigint, picked.item_id, %(person)s::bigint, picked.round, %(slot)s::smallint,
           %(schema)s::bigint, picked.annotation_id, clock_timestamp(),
           clock_timestamp() + make_interval(secs => %(seconds)s::int), ''
    FROM picked CROSS JOIN (SELECT count(*) FROM ended) AS over
    ON CONFLICT DO NOTHING
    RETURNING id, item_id, created_at, expires_at
), claimed AS (
    INSERT INTO annotate_groupclaim (queue_id, group_key, person_id, expires_at)
    SELECT %(queue)s::bigint, i.group_key, %(person)s::bigint, clock_timestamp() + make_interval(secs => 2 * %(seconds)s::int)
    FROM made JOIN annotate_item i ON i.id = made.item_id, picked WHERE i.frame IS NOT NULL AND i.group_key <> '' AND NOT picked.gold
    ON CONFLICT (queue_id, group_key, person_id) DO UPDATE
        SET expires_at = excluded.expires_at
        WHERE excluded.expires_at > annotate_groupclaim.expires_at + interval '10 seconds'
)
SELECT picked.id, picked.item_id, picked.round, picked.annotation_id, made.id, made.created_at, made.expires_at
FROM picked LEFT JOIN made ON true
"""

# Few tasks are looked at, whose queue and state are checked: the sums keep the planner, while a table is new, from reading all
# that wait in the queue instead.
_PROBED = "t.queue_id + 0"
_PROBED_STATE = "t.state || ''"
_TASKS = {"source": "annotate_task t", "of_queue": "t.queue_id", "order": "t.rank, t.id"}


@cache
def returned(stage: str) -> str:
    """What came back to the person is their own until they answer it again; to judge, only while nothing newer was written."""
    fit = f"AND t.person_id = %(person)s::bigint AND t.state = 'returned' {_ANY} {'' if stage == 'annotate' else _NEWEST}"
    return _STATEMENT.format(**_TASKS, pinned="t.annotation_id", fit=fit, locked="SKIP LOCKED")


# The same for one task by its id, whoever it is asked for by: a re-opened answer.
ONE = _STATEMENT.format(
    **_TASKS,
    pinned="t.annotation_id",
    fit=f"AND t.id = %(task)s::bigint AND t.person_id = %(person)s::bigint AND t.state = 'returned' {_ANY}",
    locked="",
)
# A task to judge that is free again for who took their verdict back.
AGAIN = _STATEMENT.format(
    **_TASKS,
    pinned="t.annotation_id",
    fit=f"AND t.id = %(task)s::bigint AND t.state = 'open' {_ANY}",
    locked="",
)


_FREE = "AND t.person_id IS NULL AND NOT t.held"  # the index of waiting tasks has no others, so what is kept or held costs nobody anything
_FREE_OR_KEPT = "AND coalesce(t.person_id, %(person)s::bigint) = %(person)s::bigint"  # no index: it is asked of few tasks


def _open(stage: str, whose: str, state: str = "t.state") -> tuple[str, str]:
    """What a fresh task of a stage pins, and what makes it fit for this person."""
    judged = stage != "annotate"
    fit = f"AND {state} = 'open' {whose} {_ANY} {_ONCE} {_UNBEGUN} {_OTHERS[stage]}"
    return ("t.annotation_id" if judged else _BEGUN), fit


@cache
def kept(stage: str, *, wait: bool) -> str:
    """The pick of an open task that is kept for this person, whoever else works in its group."""
    judged = stage != "annotate"
    fit = (
        "AND t.state = 'open' AND t.person_id = %(person)s::bigint"
        " AND (t.reserved_until IS NULL OR t.reserved_until > clock_timestamp())"
        f" {_ANY} {_NOT_HELD} {_OTHERS[stage]}"
    )
    return _STATEMENT.format(
        **_TASKS, pinned="t.annotation_id" if judged else _BEGUN, fit=fit, locked="" if wait else "SKIP LOCKED"
    )


@cache
def statement(stage: str, *, wait: bool, alone: bool = True) -> str:
    """The pick of an open task. With `wait` from the start of the order and without skipping locked rows; with `alone`
    not among the frames that others work through."""
    pinned, fit = _open(stage, _FREE)
    where = f"{'' if wait else _CURSOR} {fit} {_UNCLAIMED if alone else ''}"
    return _STATEMENT.format(**_TASKS, pinned=pinned, fit=where, locked="" if wait else "SKIP LOCKED")


@cache
def there(stage: str) -> str:
    """SQL: something is open for the person of `statement` in their queue, for anybody or kept for them."""
    fits = [_open(stage, whose)[1] for whose in (_FREE, "AND t.person_id = %(person)s::bigint AND NOT t.gold")]
    asked = [f"{_CURSOR} {fits[0]} {_UNCLAIMED}", f"{fits[0]} {_UNCLAIMED}", fits[1]]  # where they are, then from the start
    found = (f"EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = %(queue)s::bigint {fit})" for fit in asked)
    return f"({' OR '.join(found)})"


# The frame of the group that the person is on, or was on last; before all of them when they were elsewhere.
_HERE = """coalesce(
    (SELECT n.frame FROM annotate_lease l JOIN annotate_item n ON n.id = l.item_id AND n.group_key = %(group)s::text
     WHERE l.id = coalesce(
         (SELECT m.id FROM annotate_lease m WHERE m.person_id = %(person)s::bigint AND m.queue_id = %(queue)s::bigint
            AND m.slot = 0 AND m.ended_at IS NULL),
         (SELECT m.id FROM annotate_lease m WHERE m.person_id = %(person)s::bigint AND m.queue_id = %(queue)s::bigint
          ORDER BY m.id DESC LIMIT 1))), -2147483649)"""
# From the frames of the group to their tasks.
_OF_GROUP = f"""
    (SELECT i.id, i.frame FROM annotate_item i
     WHERE i.project_id = %(project)s::bigint AND i.group_key = %(group)s::text AND i.frame {{side}} {_HERE}
     ORDER BY i.frame, i.id {_ALONE}) f
    CROSS JOIN LATERAL (SELECT o.id FROM annotate_task o
                        WHERE o.item_id = f.id AND o.queue_id + 0 = %(queue)s::bigint {_ALONE}) waiting
    JOIN annotate_task t ON t.id = waiting.id
"""


@cache
def in_group(stage: str, *, ahead: bool) -> str:
    """The pick of the first open frame of a group, by its frame: `ahead` of where the person is, or from the begin to there."""
    pinned, fit = _open(stage, _FREE_OR_KEPT, _PROBED_STATE)
    source = _OF_GROUP.format(side=">" if ahead else "<=")
    return _STATEMENT.format(
        source=source, of_queue=_PROBED, order="f.frame, f.id", pinned=pinned, fit=fit, locked="SKIP LOCKED"
    )


@cache
def one(stage: str, *, by: str) -> str:
    """The pick of an open task by its `task`, or of one of an `item`."""
    pinned, fit = _open(stage, _FREE_OR_KEPT, _PROBED_STATE)
    which = {"task": "AND t.id = %(task)s::bigint", "item": "AND t.item_id = %(item)s::bigint"}[by]
    tasks = _TASKS | {"of_queue": _PROBED}
    return _STATEMENT.format(**tasks, pinned=pinned, fit=f"{which} {fit} {_UNCLAIMED}", locked="SKIP LOCKED" if by == "task" else "")

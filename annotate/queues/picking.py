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
# An item comes to a person once a round: not after their own answer, lease or skip.
_ONCE = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_task o
                    WHERE o.queue_id = t.queue_id AND o.item_id = t.item_id AND o.round = t.round
                      AND o.person_id = %(person)s::bigint {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_lease l
                    WHERE l.item_id = t.item_id AND l.person_id = %(person)s::bigint AND {_LIVE} {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_skip s JOIN annotate_task o ON o.id = s.task_id
                    WHERE s.item_id = t.item_id AND s.person_id = %(person)s::bigint AND s.settled <> 'back'
                      AND o.item_id = t.item_id AND o.queue_id = t.queue_id AND o.round = t.round {_ALONE})
"""
# Nobody judges an item that they answered in any round (a fix that its reviewer took back is no answer); and what is judged is the item's newest revision, which its
# author has not opened again.
_NOT_OWN = f"""
    AND NOT EXISTS (SELECT 1 FROM annotate_annotation a
                    WHERE a.item_id = t.item_id AND a.person_id = %(person)s::bigint
                      AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id) {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_task o
                    WHERE o.item_id = t.item_id AND o.state = 'returned'
                      AND (o.person_id = %(person)s::bigint OR o.annotation_id = t.annotation_id) {_ALONE})
    AND NOT EXISTS (SELECT 1 FROM annotate_annotation a JOIN annotate_annotation seen ON seen.id = t.annotation_id
                    WHERE a.item_id = t.item_id AND a.number > seen.number {_ALONE})
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

# What a new answer begins from: labels that came back and that no person of the project drew. Never another's answer.
_BEGUN = "(SELECT a.id FROM annotate_annotation a WHERE a.id = t.annotation_id AND a.source IN ('import', 'migration', 'consensus'))"

_STATEMENT = """
WITH picked AS (
    SELECT t.id, t.item_id, t.round, {pinned} AS annotation_id
    FROM annotate_task t
    WHERE t.queue_id = %(queue)s::bigint {fit}
    ORDER BY t.rank, t.id LIMIT 1
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
    RETURNING id, created_at, expires_at
)
SELECT picked.id, picked.item_id, picked.round, picked.annotation_id, made.id, made.created_at, made.expires_at
FROM picked LEFT JOIN made ON true
"""

# Returned work is the person's own until they answer it again.
RETURNED = _STATEMENT.format(
    pinned="t.annotation_id",
    fit=f"AND t.person_id = %(person)s::bigint AND t.state = 'returned' {_ANY}",
    locked="SKIP LOCKED",
)
# The same for one task by its id, whoever it is asked for by: a re-opened answer.
ONE = _STATEMENT.format(
    pinned="t.annotation_id",
    fit=f"AND t.id = %(task)s::bigint AND t.person_id = %(person)s::bigint AND t.state = 'returned' {_ANY}",
    locked="",
)
# A task to judge that is free again for who took their verdict back.
AGAIN = _STATEMENT.format(
    pinned="t.annotation_id",
    fit=f"AND t.id = %(task)s::bigint AND t.state = 'open' {_ANY}",
    locked="",
)


@cache
def statement(stage: str, *, wait: bool) -> str:
    """The pick of an open task. With `wait` from the start of the order and without skipping locked rows."""
    judged = stage != "annotate"
    return _STATEMENT.format(
        pinned="t.annotation_id" if judged else _BEGUN,
        fit=f"AND t.state = 'open' {'' if wait else _CURSOR} {_ANY} {_ONCE} {_NOT_OWN if judged else ''}",
        locked="" if wait else "SKIP LOCKED",
    )

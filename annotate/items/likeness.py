"""What becomes of an answer to gold, as its author reads it: what becomes of the work beside it.

Nobody reviews such an answer. If it were open for ever while others are seen, approved and shut, time would tell it from work. So
it is seen as long after it was given as the work that its author gave nearest to it in the same queue, and approved when that
is. Where a queue has no work beside its gold, as that of a run, it stays as it is.
"""

from __future__ import annotations

from typing import Any

from annotate.kernel import sql

NEAR = 200  # answers of the person that are looked at on either side


def _nearest(task: str, side: str, order: str) -> str:
    return f"""(SELECT o.id FROM (
            SELECT n.id, n.task_id FROM annotate_annotation n
            WHERE n.person_id = {task}.person_id AND n.id {side} {task}.annotation_id AND n.source = 'person'
            ORDER BY n.id {order} LIMIT {NEAR}) AS near
        JOIN annotate_task o ON o.id = near.task_id
        WHERE o.queue_id = {task}.queue_id AND NOT o.gold ORDER BY near.id {order} LIMIT 1)"""


def beside(task: str) -> str:
    """SQL of the id of the task whose answer stands nearest to that of the gold task `task`: the one given before it, else after."""
    return f"coalesce({_nearest(task, '<', 'DESC')}, {_nearest(task, '>', 'ASC')})"


def opened_like(task: str) -> str:
    """SQL: whether a reviewer would have opened the answer to the gold task `task` by now."""
    return f"""EXISTS (SELECT 1 FROM annotate_annotation own JOIN annotate_annotation x ON x.person_id = own.person_id
        WHERE own.id = {task}.annotation_id AND x.task_id = {beside(task)} AND (
            SELECT min(seen.at) FROM (
                SELECT r.created_at AS at FROM annotate_review r WHERE r.annotation_id = x.id
                UNION ALL SELECT p.created_at FROM annotate_approval p WHERE p.annotation_id = x.id AND p.ended_at IS NULL
                UNION ALL SELECT l.created_at FROM annotate_lease l WHERE l.annotation_id = x.id AND l.person_id <> x.person_id
            ) AS seen) - x.created_at <= clock_timestamp() - own.created_at)"""


_GIVEN = f"""
SELECT t.item_id, CASE WHEN t.answered_at IS NULL THEN 'new'
    WHEN (SELECT i.state FROM annotate_task o JOIN annotate_item i ON i.id = o.item_id WHERE o.id = {beside("t")}) = 'approved'
         AND {opened_like("t")} THEN 'approved' ELSE 'labelled' END
FROM annotate_task t
WHERE t.item_id = ANY(%(items)s::bigint[]) AND t.person_id = %(person)s::bigint AND t.gold AND t.state <> 'void'
"""


def states(item_ids: list[int], person_id: int | None) -> dict[int, str]:
    """Items that the person was given as gold → the state that they are to read of each."""
    values: dict[str, Any] = {"items": item_ids, "person": person_id}
    return dict(sql.rows(_GIVEN, values))

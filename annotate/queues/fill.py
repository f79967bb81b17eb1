"""Making a queue's tasks from its query, by one INSERT … SELECT that may run at any time and as often as one likes.

Annotate queues take every item that matches, `overlap` tasks each. Review queues take items whose newest revision nobody
has judged and whose labelling is finished: in the queue that the revision came from, whatever other queues want of the
item later. When a newer revision came, the task for the older one is voided.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from annotate.items.models import Item
from annotate.queues.models import Queue

# Frames of a group stand together, in their order: the group where its first frame stands, each frame behind it.
FRAMES = 1 << 20
_FRAMED = "i.frame IS NOT NULL AND i.group_key <> ''"
_FRAME = f"least(greatest(coalesce(i.frame, 0), 0), {FRAMES - 1})"
_FIRST = (
    f"CASE WHEN {_FRAMED} THEN (SELECT g.id FROM annotate_item g WHERE g.project_id = i.project_id"
    " AND g.group_key = i.group_key AND g.frame IS NOT NULL ORDER BY g.frame, g.id LIMIT 1) ELSE i.id END"
)
_IN_FRAMES = f"CASE WHEN {_FRAMED} THEN {_FRAME} ELSE 0 END"
_RANK = {
    "oldest": f"({_FIRST}) * {FRAMES} + {_IN_FRAMES}",
    "newest": f"-({_FIRST}) * {FRAMES} + {_IN_FRAMES}",
    # meta.priority, larger first; items without it, or with something else there, count as 0
    "priority": (
        "CASE WHEN jsonb_typeof(i.meta -> 'priority') = 'number' "
        "THEN (-1000 * greatest(-1e12, least(1e12, (i.meta ->> 'priority')::numeric)))::bigint ELSE 0 END"
    ),
}

_ANNOTATE = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at, annotation_id)
SELECT %s, i.id, 1, n.n, 'open', {rank}, now(),
       CASE WHEN (SELECT true FROM annotate_schemachange s WHERE s.queue_id = %s LIMIT 1)
            THEN (SELECT c.annotation_id FROM annotate_currentannotation c WHERE c.item_id = i.id) END
FROM annotate_item i JOIN ({matching}) AS matching(id) ON matching.id = i.id, generate_series(1, %s) AS n(n)
WHERE NOT EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = %s AND t.item_id = i.id AND NOT t.gold)
ORDER BY {rank}, {first}, coalesce(i.frame, 0), i.id, n.n
ON CONFLICT DO NOTHING
"""

_OUTDATED = """
UPDATE annotate_task t SET state = 'void', person_id = NULL, reserved_until = NULL
WHERE t.queue_id = %s AND t.state IN ('open', 'returned', 'parked')
  AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())
  AND (EXISTS (SELECT 1 FROM annotate_annotation a JOIN annotate_annotation seen ON seen.id = t.annotation_id
               WHERE a.item_id = t.item_id AND a.number > seen.number)
       OR EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = t.annotation_id AND p.ended_at IS NULL))
"""
_REVIEW = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, annotation_id, created_at)
SELECT %s, i.id,
       1 + coalesce((SELECT max(t.round) FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                     WHERE t.item_id = i.id AND k.stage = %s), 0),
       1, 'open', {rank}, newest.id, now()
FROM annotate_item i JOIN ({matching}) AS matching(id) ON matching.id = i.id
JOIN LATERAL (SELECT a.id FROM annotate_annotation a WHERE a.item_id = i.id ORDER BY a.number DESC LIMIT 1) newest ON true
WHERE i.state IN ('labelled', 'approved')
  AND NOT EXISTS (SELECT 1 FROM annotate_review r WHERE (r.annotation_id = newest.id OR r.fixed_id = newest.id)
                  AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = r.id))
  AND NOT EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = newest.id AND p.ended_reason <> 'undone')
  AND NOT EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                  WHERE t.item_id = i.id AND k.stage = %s AND t.annotation_id = newest.id AND t.state <> 'void')
  AND NOT EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                  WHERE t.item_id = i.id AND k.stage = 'annotate' AND k.state <> 'closed' AND NOT t.gold
                    AND (t.state IN ('returned', 'parked') OR t.state = 'open' AND t.queue_id = coalesce(
                        (SELECT own.queue_id FROM annotate_task own JOIN annotate_queue q ON q.id = own.queue_id
                         WHERE own.item_id = i.id AND own.annotation_id = newest.id AND q.stage = 'annotate' LIMIT 1),
                        t.queue_id)))
  {also}
ORDER BY {rank}, {first}, coalesce(i.frame, 0), i.id
ON CONFLICT DO NOTHING
"""
# Adjudication is for items whose people gave different answers.
_DISAGREE = """
  AND (SELECT count(DISTINCT a.digest) FROM annotate_task t JOIN annotate_annotation a ON a.id = t.annotation_id
       JOIN annotate_queue k ON k.id = t.queue_id
       WHERE t.item_id = i.id AND k.stage = 'annotate' AND t.state = 'answered' AND NOT t.gold) > 1
"""
# What was kept for somebody until now is for anybody again.
_LAPSED = """
UPDATE annotate_task t SET person_id = NULL, reserved_until = NULL
FROM (SELECT id FROM annotate_task WHERE queue_id = %s AND state = 'open' AND reserved_until <= clock_timestamp()
      ORDER BY id FOR UPDATE) AS over
WHERE t.id = over.id
"""
_MORE = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at)
SELECT t.queue_id, t.item_id, t.round, n.n, 'open', t.rank, now()
FROM annotate_task t, generate_series(2, %s) AS n(n)
WHERE t.queue_id = %s AND t.n = 1 AND t.state <> 'void' AND NOT t.gold
ORDER BY t.rank, t.item_id, n.n
ON CONFLICT DO NOTHING
"""
_FEWER = """
UPDATE annotate_task t SET state = 'void', person_id = NULL, reserved_until = NULL
WHERE t.queue_id = %s AND t.state = 'open' AND t.n > %s AND NOT t.gold
  AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL)
"""
_REVIVE = """
UPDATE annotate_task t SET state = 'open'
WHERE t.queue_id = %s AND t.state = 'void' AND t.n BETWEEN 2 AND %s AND t.person_id IS NULL AND NOT t.gold
  AND NOT EXISTS (SELECT 1 FROM annotate_item i WHERE i.id = t.item_id AND i.state = 'erased')
"""


def rank_of(order: str) -> str:
    """The SQL of a task's place, smaller first, from the item `i`. `random:7` is the same for ever for the same item."""
    if order.startswith("random:"):
        seed = int(order.partition(":")[2])
        return (
            f"CASE WHEN {_FRAMED} THEN (hashtextextended('group ' || i.group_key, {seed}) & {-FRAMES}::bigint) + {_FRAME} "
            f"ELSE hashtextextended(i.id::text, {seed}) END"
        )
    return _RANK[order]


def _matching(queue: Queue) -> tuple[str, tuple[Any, ...]]:
    """SQL of the ids of items that belong to the queue."""
    rows = Item.objects.filter(project_id=queue.project_id).exclude(state="erased")
    if queue.q.strip():
        from annotate.search.compile import compile_query

        rows = rows.filter(compile_query(queue.q, queue.project_id))
    return rows.order_by().values("id").query.sql_with_params()


@transaction.atomic
def fill(queue_id: int) -> int:
    """Add the tasks that are missing; how many. Nothing for a queue that is not open. One at a time per queue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('fill ' || %s::text, 0))", [queue_id])
        queue = Queue.objects.filter(pk=queue_id, state="open", project__archived_at=None).first()
        if queue is None:
            return 0
        cursor.execute(_LAPSED, [queue_id])
        try:
            matching, values = _matching(queue)
        except EmptyResultSet:
            return 0
        rank = rank_of(queue.order)
        if queue.stage == "annotate":
            if queue.gold_percent >= 100:  # only gold is handed out here, and a claim makes that
                return 0
            statement = _ANNOTATE.format(rank=rank, first=_FIRST, matching=matching)
            cursor.execute(statement, [queue_id, queue_id, *values, queue.overlap, queue_id])
            return cursor.rowcount
        cursor.execute(_OUTDATED, [queue_id])
        also = _DISAGREE if queue.stage == "adjudicate" else ""
        statement = _REVIEW.format(rank=rank, first=_FIRST, matching=matching, also=also)
        cursor.execute(statement, [queue_id, queue.stage, *values, queue.stage])
        return cursor.rowcount


def reorder(queue: Queue) -> None:
    """Give waiting tasks their place in the queue's present order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE annotate_task t SET rank = {rank_of(queue.order)} FROM annotate_item i "
            "WHERE i.id = t.item_id AND t.queue_id = %s AND t.state IN ('open', 'returned', 'parked')",
            [queue.pk],
        )


def change_overlap(queue: Queue) -> None:
    """Add the tasks that a larger overlap asks for, or void those beyond a smaller one that nobody holds."""
    with connection.cursor() as cursor:
        cursor.execute(_REVIVE, [queue.pk, queue.overlap])
        cursor.execute(_MORE, [queue.overlap, queue.pk])
        cursor.execute(_FEWER, [queue.pk, queue.overlap])

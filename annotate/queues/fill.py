"""Making a queue's tasks from its query, by one INSERT … SELECT that may run at any time and as often as one likes.

Annotate queues take every item that matches, as many tasks each as it needs answers (`overlapping.needed`). Review queues
take items whose newest revision nobody has judged and whose labelling is finished: in the queue that the revision came from,
whatever other queues want of the item later. When a newer revision came, the task for the older one is voided.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from annotate.items.models import Item
from annotate.queues import holding
from annotate.queues.apart import leave_alone
from annotate.queues.coming_back import keep_for_returners
from annotate.queues.holding import HELD
from annotate.queues.models import Queue
from annotate.queues.overlapping import needed
from annotate.queues.ranking import AT_FRONT, FIRST, rank_of, weigh

_ANNOTATE_ROWS = """
SELECT %s, i.id, 1, n.n, 'open', {rank}, now(), {held},
       CASE WHEN (SELECT true FROM annotate_schemachange s WHERE s.queue_id = %s LIMIT 1)
            THEN (SELECT c.annotation_id FROM annotate_currentannotation c WHERE c.item_id = i.id) END
FROM annotate_item i JOIN ({matching}) AS matching(id) ON matching.id = i.id, generate_series(1, %s) AS n(n)
WHERE NOT EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = %s AND t.item_id = i.id AND NOT t.gold)
  AND n.n <= {needed}
ORDER BY {rank}, {first}, coalesce(i.frame, 0), i.id, n.n
"""
_ANNOTATE = f"""
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at, held, annotation_id) {_ANNOTATE_ROWS}
ON CONFLICT DO NOTHING
"""

_OUTDATED = """
UPDATE annotate_task t SET state = 'void', person_id = NULL, reserved_until = NULL
WHERE t.queue_id = %s AND t.state IN ('open', 'returned', 'parked') AND t.rejudges_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())
  AND (EXISTS (SELECT 1 FROM annotate_annotation a JOIN annotate_annotation seen ON seen.id = t.annotation_id
               WHERE a.item_id = t.item_id AND a.number > seen.number)
       OR EXISTS (SELECT 1 FROM annotate_approval p WHERE p.annotation_id = t.annotation_id AND p.ended_at IS NULL))
"""
_REVIEW_ROWS = """
SELECT %s, i.id,
       1 + coalesce((SELECT max(t.round) FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                     WHERE t.item_id = i.id AND k.stage = %s), 0),
       1, 'open', {rank}, newest.id, now(), {held}
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
"""
_REVIEW = f"""
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, annotation_id, created_at, held) {_REVIEW_ROWS}
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


def _matching(queue: Queue) -> tuple[str, tuple[Any, ...]]:
    """SQL of the ids of items that belong to the queue."""
    rows = Item.objects.filter(project_id=queue.project_id, batch__gated=False).exclude(state="erased")
    if queue.q.strip():
        from annotate.search.compile import compile_query

        rows = rows.filter(compile_query(queue.q, queue.project_id))
    return rows.order_by().values("id").query.sql_with_params()


# In the order in which everybody locks tasks.
_LOCK_WAITING = """
SELECT count(*) FROM (SELECT 1 FROM annotate_task WHERE queue_id = %s AND state IN ('open', 'returned', 'parked') ORDER BY id FOR UPDATE) AS w
"""


def alone(queue_id: int) -> None:
    """Until the transaction ends nobody else fills the queue, or changes the places or number of what waits in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('fill ' || %s::text, 0))", [queue_id])


@transaction.atomic
def fill(queue_id: int, *, anew: bool = True) -> int:
    """Add the tasks that are missing; how many. Nothing for a queue that is not open. One at a time per queue.

    What waits is weighed anew, in the orders that are; without `anew` only when tasks came."""
    alone(queue_id)
    with connection.cursor() as cursor:
        queue = Queue.objects.filter(pk=queue_id, state="open", project__archived_at=None).first()
        if queue is None:
            return 0
        cursor.execute(_LAPSED, [queue_id])
        holding.correct(queue_id)
        try:
            matching, values = _matching(queue)
        except EmptyResultSet:
            return 0
        rank = rank_of(queue.order)
        if queue.stage == "annotate":
            if queue.gold_percent >= 100:  # only gold is handed out here, and a claim makes that
                return 0
            statement = _ANNOTATE.format(rank=rank, first=FIRST, matching=matching, needed=needed(queue), held=HELD)
            cursor.execute(statement, [queue_id, queue_id, *values, queue.overlap, queue_id])
            added = cursor.rowcount
            if added or anew:
                weigh(queue)
            return added
        cursor.execute(_OUTDATED, [queue_id])
        also = (_DISAGREE if queue.stage == "adjudicate" else "") + leave_alone(queue_id)
        statement = _REVIEW.format(rank=rank, first=FIRST, matching=matching, also=also, held=HELD)
        cursor.execute(statement, [queue_id, queue.stage, *values, queue.stage])
        added = cursor.rowcount
    if added:
        keep_for_returners(queue)
    if added or anew:
        weigh(queue)
    return added


def missing(queue: Queue) -> int:
    """How many tasks `fill` would add now, were the queue open. Nothing is written, and the queue need not be saved."""
    if queue.stage == "annotate" and queue.gold_percent >= 100:
        return 0
    try:
        matching, values = _matching(queue)
    except EmptyResultSet:
        return 0
    if queue.stage == "annotate":
        rows, given = _ANNOTATE_ROWS, [queue.pk, queue.pk, *values, queue.overlap, queue.pk]
    else:
        rows, given = _REVIEW_ROWS, [queue.pk, queue.stage, *values, queue.stage]
    also = (_DISAGREE if queue.stage == "adjudicate" else "") + leave_alone(queue.pk)
    statement = rows.format(rank="i.id", first="i.id", matching=matching, needed=needed(queue), also=also, held="false")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({statement}) AS come", given)
        return int(cursor.fetchone()[0])


def weigh_anew(queue_id: int) -> int:
    """Weigh what waits in a queue, without looking for more; how many tasks moved."""
    with transaction.atomic():
        alone(queue_id)
        queue = Queue.objects.filter(pk=queue_id, state="open").first()
        return 0 if queue is None else weigh(queue)


def reorder(queue: Queue) -> None:
    """Give waiting tasks their place in the queue's present order; further answers stay before all others.

    Call with the queue `alone`."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_WAITING, [queue.pk])
        cursor.execute(
            f"UPDATE annotate_task t SET rank = {rank_of(queue.order)} FROM annotate_item i "
            "WHERE i.id = t.item_id AND t.queue_id = %s AND t.state IN ('open', 'returned', 'parked')",
            [queue.pk],
        )
        weigh(queue)
        if queue.agreement_bar is not None:
            cursor.execute(
                f"UPDATE annotate_task t SET rank = {AT_FRONT} WHERE t.queue_id = %s AND t.state = 'open' AND t.n > %s AND NOT t.gold",
                [queue.pk, queue.pk, queue.overlap],
            )

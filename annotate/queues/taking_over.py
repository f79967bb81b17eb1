"""Answers that are judged in one queue of their own: taken out of every other review queue, and sent to that one.

Call these in one transaction, in their order: with `still` nothing fills a review queue of the project or is handed out of it for the
first time, so what is seen then is what is taken over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection

from annotate.kernel.clock import DatabaseNow
from annotate.queues.fill import alone
from annotate.queues.holding import HELD
from annotate.queues.models import Lease, Queue, Task

_LOCK_WAITING = """
SELECT count(*) FROM (
    SELECT 1 FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id
    WHERE i.batch_id = %s AND i.state = 'labelled' AND t.state IN ('open', 'returned', 'parked')
      AND t.queue_id IN (SELECT q.id FROM annotate_queue q WHERE q.project_id = %s AND q.stage <> 'annotate')
    ORDER BY t.id FOR UPDATE OF t) AS w
"""
_TAKE_OUT = """
UPDATE annotate_task t SET state = 'void', person_id = NULL, reserved_until = NULL
FROM annotate_queue q
WHERE t.item_id = ANY(%s) AND q.id = t.queue_id AND q.stage = 'review' AND t.state = 'open'
"""
_SEND = f"""
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, annotation_id, created_at, held)
SELECT %s, i.id,
       1 + coalesce((SELECT max(t.round) FROM annotate_task t JOIN annotate_queue k ON k.id = t.queue_id
                     WHERE t.item_id = i.id AND k.stage = 'review'), 0),
       1, 'open', v.place, v.annotation, now(), {HELD}
FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS v(item, annotation, place) JOIN annotate_item i ON i.id = v.item
ORDER BY v.place
"""


def still(project_id: int, batch_id: int) -> None:
    """Until the transaction ends no review queue of the project is filled, and what waits of the batch's answers is not handed out."""
    for queue in Queue.objects.filter(project_id=project_id).exclude(stage="annotate").exclude(state="closed").order_by("pk").values_list("pk", flat=True):
        alone(queue)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_WAITING, [batch_id, project_id])


def take_over(queue: Queue, items: Collection[int], sampled: Sequence[tuple[int, int]]) -> None:
    """No review queue asks for these items any more; `queue` asks for the sampled ones (item, annotation), in this order."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OUT, [list(items)])
        cursor.execute(_SEND, [queue.pk, [item for item, _annotation in sampled], [annotation for _item, annotation in sampled]])


def settle(queue_id: int) -> None:
    """Until the transaction ends no verdict comes in, or is taken back, in the queue; those that were being given are in."""
    rows = Task.objects.filter(queue=queue_id).exclude(state="void").order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk"))


def call_off(queue_id: int, annotations: Collection[int]) -> int:
    """What waits in the queue for a verdict on these annotations is asked of nobody any more; who holds it is told so. How many."""
    rows = Task.objects.filter(queue=queue_id, annotation__in=list(annotations), state__in=("open", "returned", "parked"))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    Lease.objects.filter(task__in=ids, ended_at=None).update(ended_at=DatabaseNow(), ended_by="move")
    return Task.objects.filter(pk__in=ids).update(state="void", person=None, reserved_until=None)

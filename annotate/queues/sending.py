"""Items sent to a queue by hand of a rule, whatever its query says, and taken out of it again.

An item that is sent gets as many tasks as the queue asks answers for. One of a batch whose gate is not open gets none: who sends
asks again when it opens.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from annotate.queues.fill import alone
from annotate.queues.holding import HELD
from annotate.queues.models import Queue, Task
from annotate.queues.overlapping import needed
from annotate.queues.ranking import rank_of

# Those that have no task there that is still to be done, or is done.
_SENT = """i.id = ANY(%(items)s::bigint[]) AND i.state <> 'erased' AND NOT EXISTS (SELECT 1 FROM annotate_batch b WHERE b.id = i.batch_id AND b.gated)
  AND NOT EXISTS (SELECT 1 FROM annotate_task x WHERE x.queue_id = %(queue)s AND x.item_id = i.id AND x.state <> 'void' AND NOT x.gold)"""
_REVIVE = f"""
UPDATE annotate_task t SET state = 'open', held = w.held
FROM (SELECT o.id, {HELD} AS held FROM annotate_task o JOIN annotate_item i ON i.id = o.item_id
      WHERE o.queue_id = %(queue)s AND o.state = 'void' AND o.round = 1 AND o.n <= {{needed}} AND o.person_id IS NULL AND NOT o.gold AND {_SENT}
      ORDER BY o.id FOR UPDATE OF o) AS w
WHERE t.id = w.id RETURNING t.item_id, t.id
"""
_ADD = f"""
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at, held)
SELECT %(queue)s, i.id, 1, n.n, 'open', {{rank}}, now(), {HELD} FROM annotate_item i, generate_series(1, %(most)s) AS n(n)
WHERE n.n <= {{needed}} AND (i.id = ANY(%(revived)s::bigint[]) OR {_SENT}
  AND NOT EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = %(queue)s AND t.item_id = i.id AND NOT t.gold))
ORDER BY i.id, n.n ON CONFLICT DO NOTHING RETURNING item_id, id
"""
# Locked before anybody asks who holds them: who is about to take one has it locked, and is passed over.
_LOCK = """
SELECT o.id FROM annotate_task o JOIN annotate_task s ON s.queue_id = o.queue_id AND s.item_id = o.item_id AND s.round = o.round
WHERE s.id = ANY(%(tasks)s::bigint[]) AND o.state = 'open' AND o.person_id IS NULL AND NOT o.gold ORDER BY o.id FOR UPDATE OF o SKIP LOCKED
"""
# An item that somebody has begun keeps all of its tasks, so that it gets the answers that the queue asks for.
_WAITING = """
SELECT o.id, EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = o.id) OR EXISTS (SELECT 1 FROM annotate_bulktask b WHERE b.task_id = o.id) FROM annotate_task o
WHERE o.id = ANY(%(locked)s::bigint[]) AND NOT EXISTS (
    SELECT 1 FROM annotate_task x WHERE x.queue_id = o.queue_id AND x.item_id = o.item_id AND x.round = o.round AND x.state <> 'void' AND NOT x.gold
      AND (NOT x.id = ANY(%(locked)s::bigint[]) OR EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = x.id AND l.ended_at IS NULL)))
"""


@transaction.atomic
def send(queue: Queue, item_ids: Iterable[int]) -> dict[int, int]:
    """Tasks in an annotate queue for each item that has none there, as many as it asks answers for; the first of those made, by item."""
    alone(queue.pk)
    queue.refresh_from_db(fields=["overlap", "overlap_percent", "overlap_seed", "order"])  # as it is while nobody else changes it
    values: dict[str, Any] = {"queue": queue.pk, "items": sorted(set(item_ids)), "most": queue.overlap}
    made: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_REVIVE.format(needed=needed(queue)), values)
        revived = cursor.fetchall()
        values["revived"] = sorted({item for item, _task in revived})
        cursor.execute(_ADD.format(rank=rank_of(queue.order), needed=needed(queue)), values)
        for item, task in sorted([*revived, *cursor.fetchall()]):
            made.setdefault(item, task)
    return made


@transaction.atomic
def call_back(task_ids: Iterable[int]) -> set[int]:
    """Take those away, with the others of their item there, that wait still for nobody in particular; which went. Those that somebody
    had once, or moved, are void; an item of which somebody has begun one, or is about to, keeps them."""
    tasks = sorted(set(task_ids))
    for queue in sorted(Task.objects.filter(pk__in=tasks).values_list("queue", flat=True).distinct()):
        alone(queue)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"tasks": tasks})
        cursor.execute(_WAITING, {"locked": sorted({row[0] for row in cursor.fetchall()})})
        found = cursor.fetchall()
    had, new = {task for task, known in found if known}, {task for task, known in found if not known}
    Task.objects.filter(pk__in=had).update(state="void")
    # As if they had never been sent: a queue that would have taken the item up by itself still does.
    Task.objects.filter(pk__in=new)._raw_delete(using="default")
    return had | new

"""Items sent to a queue by hand of a rule, whatever its query says, and taken out of it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from annotate.queues.holding import HELD
from annotate.queues.models import Queue
from annotate.queues.ranking import rank_of

_REVIVE = """
UPDATE annotate_task t SET state = 'open'
FROM (SELECT o.id FROM annotate_task o
      WHERE o.queue_id = %(queue)s AND o.item_id = ANY(%(items)s::bigint[]) AND o.state = 'void' AND o.n = 1 AND o.person_id IS NULL AND NOT o.gold
        AND NOT EXISTS (SELECT 1 FROM annotate_task x WHERE x.queue_id = o.queue_id AND x.item_id = o.item_id AND x.state <> 'void' AND NOT x.gold)
      ORDER BY o.id FOR UPDATE) AS w
WHERE t.id = w.id RETURNING t.item_id, t.id
"""
_ADD = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at, held)
SELECT %(queue)s, i.id, 1, 1, 'open', {rank}, now(), {held} FROM annotate_item i
WHERE i.id = ANY(%(items)s::bigint[]) AND i.state <> 'erased'
  AND NOT EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = %(queue)s AND t.item_id = i.id AND NOT t.gold)
ORDER BY i.id ON CONFLICT DO NOTHING RETURNING item_id, id
"""
# As if it had never been sent: a queue that would have taken the item up by itself still does.
_DROP = """
DELETE FROM annotate_task t
USING (SELECT o.id FROM annotate_task o WHERE o.id = ANY(%(tasks)s::bigint[]) AND o.state = 'open' AND o.person_id IS NULL ORDER BY o.id FOR UPDATE SKIP LOCKED) AS w
WHERE t.id = w.id AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id)
RETURNING t.id
"""
_VOID = """
UPDATE annotate_task t SET state = 'void'
FROM (SELECT o.id FROM annotate_task o WHERE o.id = ANY(%(tasks)s::bigint[]) AND o.state = 'open' AND o.person_id IS NULL ORDER BY o.id FOR UPDATE SKIP LOCKED) AS w
WHERE t.id = w.id AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL)
RETURNING t.id
"""


@transaction.atomic
def send(queue: Queue, item_ids: Iterable[int]) -> dict[int, int]:
    """A task in an annotate queue for each item that has none there; what was made, by item."""
    values: dict[str, Any] = {"queue": queue.pk, "items": sorted(set(item_ids))}
    with connection.cursor() as cursor:
        cursor.execute(_REVIVE, values)
        made = dict(cursor.fetchall())
        cursor.execute(_ADD.format(rank=rank_of(queue.order), held=HELD), values)
        return made | dict(cursor.fetchall())


@transaction.atomic
def call_back(task_ids: Iterable[int]) -> set[int]:
    """Take those away that wait still, for nobody in particular and in nobody's hands or about to be; which went. Those that somebody had once are void."""
    values, gone = {"tasks": sorted(set(task_ids))}, set[int]()
    with connection.cursor() as cursor:
        for statement in (_DROP, _VOID):
            cursor.execute(statement, values)
            gone |= {row[0] for row in cursor.fetchall()}
    return gone

"""Keeping items back (quarantine): a `Hold` is the truth, and `Task.held` says it of the tasks that wait, for the index of free ones.

A task that is filled in or locked at the same moment may miss a hold, which a claim finds by itself, or its end, which `correct`
mends before a queue says that it is empty. So nobody waits here for a task that somebody takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from annotate.people.actor import Actor

HELD = "EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL)"  # of the item `i`
_ADD = """
INSERT INTO annotate_hold (item_id, cause, reason, created_by_id, created_at)
SELECT i, %(cause)s, %(reason)s, %(person)s, now() FROM unnest(%(items)s::bigint[]) AS i ORDER BY i
ON CONFLICT (item_id, cause) WHERE ended_at IS NULL DO NOTHING
RETURNING item_id, id
"""
_END = """
UPDATE annotate_hold SET ended_at = clock_timestamp()
WHERE id IN (SELECT id FROM annotate_hold WHERE {which} AND ended_at IS NULL ORDER BY item_id FOR UPDATE)
RETURNING item_id
"""
_TASKS = """
UPDATE annotate_task t SET held = {held}
FROM (SELECT o.id FROM annotate_task o
      WHERE o.item_id = ANY(%(items)s::bigint[]) AND o.held IS DISTINCT FROM {held} {also} ORDER BY o.id FOR UPDATE SKIP LOCKED) AS waiting
WHERE t.id = waiting.id
"""
_STILL = "EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = o.item_id AND h.ended_at IS NULL)"
_CORRECT = f"""
UPDATE annotate_task t SET held = false
FROM (SELECT o.id FROM annotate_task o WHERE o.queue_id = %s AND o.held AND NOT {_STILL} ORDER BY o.id FOR UPDATE) AS free
WHERE t.id = free.id
"""


@transaction.atomic
def holds(item_ids: Iterable[int], *, cause: str, reason: str = "", by: Actor | None) -> dict[int, int]:
    """Keep items back from every queue; the new holds by item. Items that this cause holds already are not among them."""
    values = {"items": sorted(set(item_ids)), "cause": cause, "reason": reason[:500], "person": by.person_id if by else None}
    with connection.cursor() as cursor:
        cursor.execute(_ADD, values)
        made = dict(cursor.fetchall())
        if made:
            cursor.execute(_TASKS.format(held="true", also="AND o.state IN ('open', 'returned', 'parked')"), {"items": sorted(made)})
    return made


def hold(item_ids: Iterable[int], *, cause: str, reason: str = "", by: Actor | None) -> int:
    """Keep items back from every queue until `unhold`; how many were not yet held for this cause."""
    return len(holds(item_ids, cause=cause, reason=reason, by=by))


@transaction.atomic
def end_holds(hold_ids: Iterable[int]) -> list[int]:
    """End these holds; the items of those that stood. An item is served again when nothing else holds it."""
    return _end("id = ANY(%(holds)s::bigint[])", {"holds": sorted(set(hold_ids))})


@transaction.atomic
def unhold(item_ids: Iterable[int], *, cause: str) -> int:
    """End what `hold` began for this cause; how many stood."""
    return len(_end("item_id = ANY(%(items)s::bigint[]) AND cause = %(cause)s", {"items": sorted(set(item_ids)), "cause": cause}))


def _end(which: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_END.format(which=which), values)
        items = sorted({row[0] for row in cursor.fetchall()})
        if items:  # whatever state its tasks are in: one that is void now may be asked for again
            cursor.execute(_TASKS.format(held="false", also=f"AND NOT {_STILL}"), {"items": items})
    return items


def correct(queue_id: int) -> None:
    """Free tasks of the queue whose item nothing holds any more."""
    with connection.cursor() as cursor:
        cursor.execute(_CORRECT, [queue_id])

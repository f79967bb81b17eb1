"""Carrying an act on many tasks out, and taking it back, some thousand tasks at a time.

What is planned stands in rows, so that a run that was cut off goes on where it was. Each step locks the act, then whoever
is given tasks (against their other tabs: `claim`), then items where they move, then tasks by id, as everybody does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from annotate.items.services import move
from annotate.kernel.deadlocks import carried_through
from annotate.queues import bulk_rules
from annotate.queues.models import Bulk
from annotate.queues.states import BULK

CHUNK = 5000
Say = Callable[[int], object]

_LOCK_PEOPLE = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %s::text, 0))"
_LOCK_TASKS = "SELECT id FROM annotate_task WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_LOCK_ITEMS = """
SELECT id FROM annotate_item WHERE id IN (SELECT item_id FROM annotate_task WHERE id = ANY(%s)) ORDER BY id FOR NO KEY UPDATE
"""
# Who answers or judges locks the task first and then its item: where an act moves items it does not wait for such a task.
_LOCK_REST = "SELECT id FROM annotate_task WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED"
_NEXT = "SELECT task_id, was_person FROM annotate_bulktask WHERE bulk_id = %s AND outcome = %s ORDER BY task_id LIMIT %s"
_BUSY = "UPDATE annotate_bulktask SET outcome = 'busy' WHERE bulk_id = %s AND task_id = ANY(%s) AND outcome = 'planned'"
_JUDGE = """
UPDATE annotate_bulktask b
SET outcome = CASE WHEN j.why = '' THEN 'changed' ELSE j.why END,
    was_state = t.state, was_person = t.person_id, was_rank = t.rank, was_until = t.reserved_until, annotation = t.annotation_id,
    now_state = {state}, now_person = {person}, now_rank = {rank}, now_until = {until}
FROM ({judged}) AS j JOIN annotate_task t ON t.id = j.id
WHERE b.bulk_id = %(bulk)s AND b.task_id = j.id AND b.task_id = ANY(%(ids)s::bigint[])
"""
_CHANGE = """
UPDATE annotate_task t
SET state = b.now_state, person_id = b.now_person, rank = b.now_rank, reserved_until = b.now_until
FROM annotate_bulktask b
WHERE b.bulk_id = %(bulk)s AND b.task_id = t.id AND b.outcome = 'changed' AND t.id = ANY(%(ids)s::bigint[])
  AND b.task_id = ANY(%(ids)s::bigint[])
RETURNING t.item_id
"""
_MOVED_ITEMS = """
UPDATE annotate_bulktask b SET moved_item = true FROM annotate_task t
WHERE b.bulk_id = %s AND t.id = b.task_id AND b.outcome = 'changed' AND t.id = ANY(%s) AND t.item_id = ANY(%s)
"""
_WORDS = """
WITH said AS (
    INSERT INTO annotate_comment (item_id, annotation_id, text, person_id, created_at)
    SELECT t.item_id, t.annotation_id, %(reason)s, %(by)s, now() FROM annotate_bulktask b JOIN annotate_task t ON t.id = b.task_id
    WHERE b.bulk_id = %(bulk)s AND b.outcome = 'changed' AND t.id = ANY(%(ids)s::bigint[])
    RETURNING id, annotation_id
)
UPDATE annotate_bulktask b SET comment = said.id FROM said
WHERE b.bulk_id = %(bulk)s AND b.annotation = said.annotation_id AND b.task_id = ANY(%(ids)s::bigint[])
"""
# As the act left it, nobody at work on it, and its person without another of the item's tasks: then it may go back.
_COMPARE = """
UPDATE annotate_bulktask b SET outcome = CASE WHEN t.id = ANY(%(ids)s::bigint[])
    AND (t.state, t.person_id, t.rank, t.reserved_until, t.annotation_id)
        IS NOT DISTINCT FROM (b.now_state, b.now_person, b.now_rank, b.now_until, b.annotation)
    AND (%(harmless)s OR NOT EXISTS (SELECT 1 FROM annotate_lease l
                     WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp()))
    AND (b.was_person IS NULL OR b.was_person IS NOT DISTINCT FROM b.now_person OR NOT {has_one})
    THEN 'undone' ELSE 'left' END
FROM annotate_task t
WHERE b.bulk_id = %(bulk)s AND b.task_id = t.id AND b.task_id = ANY(%(all)s::bigint[]) AND b.outcome = 'changed'
"""
_RESTORE = """
UPDATE annotate_task t
SET state = b.was_state, person_id = b.was_person, rank = b.was_rank, reserved_until = b.was_until
FROM annotate_bulktask b
WHERE b.bulk_id = %(bulk)s AND b.task_id = t.id AND b.outcome = 'undone' AND t.id = ANY(%(ids)s::bigint[])
  AND b.task_id = ANY(%(ids)s::bigint[])
RETURNING t.item_id
"""
_ITEMS_BACK = """
SELECT i.id FROM annotate_item i
WHERE i.id = ANY(%(items)s::bigint[])
  AND EXISTS (SELECT 1 FROM annotate_bulktask b JOIN annotate_task t ON t.id = b.task_id
              WHERE b.bulk_id = %(bulk)s AND t.item_id = i.id AND b.moved_item)
  AND NOT EXISTS (SELECT 1 FROM annotate_task t WHERE t.item_id = i.id AND t.state = 'returned')
"""
_UNSAY = """
DELETE FROM annotate_comment c USING annotate_bulktask b
WHERE b.bulk_id = %(bulk)s AND b.outcome = 'undone' AND b.task_id = ANY(%(ids)s::bigint[]) AND c.id = b.comment
"""
_COUNTS = "SELECT outcome, count(*) FROM annotate_bulktask WHERE bulk_id = %s GROUP BY outcome"


def values_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """What the rules' statements ask for."""
    return {name: arguments.get(name) for name in ("person", "until", "priority")}


def counts(bulk_id: int) -> dict[str, int]:
    """How many tasks had which outcome."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [bulk_id])
        return dict(cursor.fetchall())


def run(bulk_id: int, say: Say = lambda done: None) -> None:
    """Carry out what is planned, or take it back, to the end; `say` is told how many tasks are dealt with."""
    done = 0
    while number := _step(bulk_id):
        done += number
        say(done)


def _step(bulk_id: int) -> int:
    return carried_through(lambda: _some(bulk_id))


def _some(bulk_id: int) -> int:
    bulk = Bulk.objects.select_for_update(of=("self",)).get(pk=bulk_id)
    if bulk.state not in ("running", "undoing"):
        return 0
    forward = bulk.state == "running"
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [bulk_id, "planned" if forward else "changed", CHUNK])
        found = cursor.fetchall()
        ids = [task for task, _person in found]
        if not ids:
            _over(bulk)
            return 0
        people = {bulk.arguments.get("person")} if forward else {person for _task, person in found}
        for person in sorted(one for one in people if one is not None):
            cursor.execute(_LOCK_PEOPLE, [person])
        if bulk.act == "send_back":
            cursor.execute(_LOCK_ITEMS, [ids])
        cursor.execute(_LOCK_REST if bulk.act == "send_back" else _LOCK_TASKS, [ids])
        locked = [row[0] for row in cursor.fetchall()]
        (_forward if forward else _back)(cursor, bulk, ids, locked)
    return len(ids)


def _over(bulk: Bulk) -> None:
    end = "finish" if bulk.state == "running" else "restore"
    bulk.state = BULK.after(bulk.state, end)
    bulk.counts = counts(bulk.pk)
    bulk.save(update_fields=["state", "counts"])


def _forward(cursor: Any, bulk: Bulk, ids: list[int], locked: list[int]) -> None:
    if len(locked) < len(ids):
        cursor.execute(_BUSY, [bulk.pk, sorted(set(ids) - set(locked))])
    state, person, rank, until = bulk_rules.leaves(bulk.act, "b.now_rank")
    values = {"bulk": bulk.pk, "ids": locked, **values_of(bulk.arguments)}
    judged = bulk_rules.judged(bulk.act)
    cursor.execute(_JUDGE.format(state=state, person=person, rank=rank, until=until, judged=judged), values)
    cursor.execute(_CHANGE, values)
    items = {row[0] for row in cursor.fetchall()}
    if bulk.act != "send_back" or not items:
        return
    moved = move(sorted(items), "return", only_legal=True)
    cursor.execute(_MOVED_ITEMS, [bulk.pk, locked, moved])
    if bulk.arguments.get("reason"):
        cursor.execute(_WORDS, values | {"reason": bulk.arguments["reason"], "by": bulk.created_by_id})


def _back(cursor: Any, bulk: Bulk, ids: list[int], locked: list[int]) -> None:
    values = {"bulk": bulk.pk, "all": ids, "ids": locked, "harmless": bulk.act == "prioritise"}
    cursor.execute(_COMPARE.format(has_one=bulk_rules.has_one("b.was_person")), values)
    cursor.execute(_RESTORE, values)
    items = {row[0] for row in cursor.fetchall()}
    if bulk.act == "send_back" and items:
        cursor.execute(_ITEMS_BACK, values | {"items": sorted(items)})
        move([row[0] for row in cursor.fetchall()], "unreturn", only_legal=True)
        cursor.execute(_UNSAY, values)

"""Where a task stands in its queue: a number, smaller is served first.

Some orders say it of an item for good (`rank_of`), so that it is written once with the task. Others depend on what is known
by now (`WEIGHED`): what waits is weighed anew whenever the queue is filled (`weigh`), by one statement.
"""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from annotate.items.models import Batch, Item
from annotate.kernel.errors import Invalid
from annotate.queues.models import Queue

ORDERS = ("oldest", "newest", "priority", "random:SEED", "group", "uncertainty", "disagreement", "quota")
KNOWN = re.compile(r"oldest|newest|priority|group|uncertainty|disagreement|quota|random:-?[0-9]{1,18}")
WEIGHED = ("uncertainty", "disagreement", "quota")

# Frames of a group stand together, in their order: the group where its first frame stands, each frame behind it.
FRAMES = 1 << 20
FRAMED = "i.frame IS NOT NULL AND i.group_key <> ''"
_FRAME = f"least(greatest(coalesce(i.frame, 0), 0), {FRAMES - 1})"
FIRST = (
    f"CASE WHEN {FRAMED} THEN (SELECT g.id FROM annotate_item g WHERE g.project_id = i.project_id"
    " AND g.group_key = i.group_key AND g.frame IS NOT NULL ORDER BY g.frame, g.id LIMIT 1) ELSE i.id END"
)
_IN_FRAMES = f"CASE WHEN {FRAMED} THEN {_FRAME} ELSE 0 END"
_GROUPED = (
    "CASE WHEN i.group_key <> '' THEN (SELECT min(g.id) FROM annotate_item g WHERE g.project_id = i.project_id"
    " AND g.group_key = i.group_key) ELSE i.id END"
)
_RANK = {
    "oldest": f"({FIRST}) * {FRAMES} + {_IN_FRAMES}",
    "newest": f"-({FIRST}) * {FRAMES} + {_IN_FRAMES}",
    "group": f"({_GROUPED}) * {FRAMES} + {_FRAME}",
    # meta.priority, larger first; items without it, or with something else there, count as 0
    "priority": (
        "CASE WHEN jsonb_typeof(i.meta -> 'priority') = 'number' "
        "THEN (-1000 * greatest(-1e12, least(1e12, (i.meta ->> 'priority')::numeric)))::bigint ELSE 0 END"
    ),
}

# A weight from 0 (first) to LAST in the upper bits, then the group or item it belongs to, then the frame.
LAST = (1 << 20) - 1
_PLACED = f"(p.weight << 43) | ((p.first & {(1 << 23) - 1}) << 20) | p.frame"
# How sure the newest model is: its own score, else the least of its objects'.
_SURE = """(SELECT coalesce(g.score, (SELECT min((o ->> 'score')::float8) FROM jsonb_array_elements(g.document::jsonb -> 'objects') AS o))
    FROM annotate_prediction g WHERE g.item_id = i.id ORDER BY g.id DESC LIMIT 1)"""
_AGREED = "(SELECT min(a.value) FROM annotate_agreement a WHERE a.item_id = i.id)"
_WEIGH = f"""
WITH waiting AS (
    SELECT DISTINCT ON (i.id) i.id AS item, ({FIRST}) AS first, ({_IN_FRAMES}) AS frame, CASE WHEN {FRAMED} THEN i.group_key ELSE '' END AS kin,
           {{value}} AS value
    FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id
    WHERE t.queue_id = %(queue)s AND t.state IN ('open', 'returned', 'parked') AND NOT t.gold
), placed AS (
    SELECT w.item, w.frame, CASE WHEN w.kin <> '' THEN min(w.first) OVER kin ELSE w.first END AS first,
           CASE WHEN w.kin <> '' THEN min(w.value) OVER kin ELSE w.value END AS value
    FROM waiting w WINDOW kin AS (PARTITION BY w.kin)
), weighed AS (
    SELECT b.item, b.frame, b.first,
           CASE WHEN b.value IS NULL THEN {LAST} ELSE least(greatest(round({LAST} * b.value), 0), {LAST - 1}) END::bigint AS weight
    FROM placed b
)
UPDATE annotate_task t SET rank = {_PLACED} FROM weighed p
WHERE t.queue_id = %(queue)s AND t.item_id = p.item AND t.state IN ('open', 'returned', 'parked') AND NOT t.gold
  AND t.rank <> {_PLACED}
"""
# Of each quota the k-th that waits stands at (done + k) / wanted of it: served in this order, the one that is furthest behind
# always comes first, also while answers come in.
_OF_QUOTA = """
SELECT m.id AS item, ({done} + row_number() OVER (ORDER BY m.id))::float8 / {wanted} AS place
FROM ({matching}) AS m(id)
WHERE EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = %s AND t.item_id = m.id AND t.state IN ('open', 'returned', 'parked') AND NOT t.gold)
"""
_OVER = 4.0  # a quota that is met four times over stands last, with what belongs to none


def checked_order(order: str) -> str:
    """The order itself; `Invalid` names the known ones."""
    if not KNOWN.fullmatch(order):
        raise Invalid("no such order", fields={"order": f"one of {', '.join(ORDERS)}"})
    return order


def rank_of(order: str) -> str:
    """The SQL of a task's place, smaller first, from the item `i`. `random:7` is the same for ever for the same item.

    In an order that is weighed, the end of the queue until `weigh` has looked."""
    if order.startswith("random:"):
        seed = int(order.partition(":")[2])
        return (
            f"CASE WHEN {FRAMED} THEN (hashtextextended('group ' || i.group_key, {seed}) & {-FRAMES}::bigint) + {_FRAME} "
            f"ELSE hashtextextended(i.id::text, {seed}) END"
        )
    if order in WEIGHED:
        return f"({LAST}::bigint << 43) | ((({FIRST}) & {(1 << 23) - 1}) << 20) | {_IN_FRAMES}"
    return _RANK[order]


def weigh(queue: Queue) -> int:
    """Give what waits its place by what is known now, in an order that is weighed; how many tasks moved."""
    if queue.order not in WEIGHED:
        return 0
    with connection.cursor() as cursor:
        if queue.order != "quota":
            value = _SURE if queue.order == "uncertainty" else _AGREED
            cursor.execute(_WEIGH.format(value=value), {"queue": queue.pk})
            return int(cursor.rowcount)
        cursor.execute("CREATE TEMPORARY TABLE sluice_places (item bigint, place float8) ON COMMIT DROP")
        for statement, values in _quotas(queue):
            cursor.execute(f"INSERT INTO sluice_places {statement}", values)
        value = f"(SELECT min(s.place) / {_OVER} FROM sluice_places s WHERE s.item = i.id)"
        cursor.execute("CREATE INDEX ON sluice_places (item)")
        cursor.execute(_WEIGH.format(value=value), {"queue": queue.pk})
        moved = int(cursor.rowcount)
        cursor.execute("DROP TABLE sluice_places")
        return moved


def _quotas(queue: Queue) -> list[tuple[str, list[Any]]]:
    """A statement per quota of the project's open batches: which item stands where in it."""
    from annotate.search.compile import compile_query

    found: list[tuple[str, list[Any]]] = []
    for batch in Batch.objects.filter(project_id=queue.project_id, state="open").order_by("pk"):
        for asked in batch.plan.get("quotas", []):
            wanted = asked.get("at_least") or 0
            if wanted < 1:
                continue
            rows = Item.objects.filter(compile_query(asked["q"], queue.project_id), project_id=queue.project_id, batch=batch)
            done = rows.filter(state__in=("labelled", "approved")).count()
            try:
                matching, values = rows.exclude(state="erased").order_by().values("id").query.sql_with_params()
            except EmptyResultSet:
                continue
            found.append((_OF_QUOTA.format(done=int(done), wanted=int(wanted), matching=matching), [*values, queue.pk]))
    return found

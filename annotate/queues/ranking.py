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

# Orders that are weighed: a weight from 0 (first) to LAST in the upper bits, then the group or item it belongs to (the oldest
# first), then the frame. What is moved before them by hand, or because it is urgent, stands below 0, what is moved behind them
# at BEHIND or above; both stay where they are.
WEIGHED = ("uncertainty", "disagreement", "quota")
LAST = (1 << 21) - 1
BEHIND = 1 << 62
_OF, _WITHIN = 24, 17  # bits
# The place before all that waits in queue %s for anybody; what is there stays before what comes there later, where the order
# has no places below 0.
AT_FRONT = """(SELECT CASE WHEN least(min(f.rank), 0) >= -1 THEN -1 ELSE greatest(min(f.rank), -9223372036854775807) - 1 END
    FROM (SELECT o.rank FROM annotate_task o WHERE o.queue_id = %s AND o.state = 'open' AND o.person_id IS NULL AND NOT o.held
          ORDER BY o.rank, o.id LIMIT 1) AS f)"""


def _placed(weight: str, first: str, frame: str) -> str:
    return f"(({weight})::bigint << {_OF + _WITHIN}) | ((({first}) & {(1 << _OF) - 1}) << {_WITHIN}) | least({frame}, {(1 << _WITHIN) - 1})"


# How sure the newest model is: its own score, else the least of its objects'.
_SURE = """(SELECT coalesce(g.score, (SELECT min((o ->> 'score')::float8) FROM jsonb_array_elements(g.document::jsonb -> 'objects') AS o
                                    WHERE jsonb_typeof(o -> 'score') = 'number'))
    FROM annotate_prediction g WHERE g.item_id = i.id ORDER BY g.id DESC LIMIT 1)"""
_AGREED = "(SELECT min(a.value) FROM annotate_agreement a WHERE a.item_id = i.id)"
# A quota that is met so many times over stands last, with what belongs to none.
_OVER = 4
_WAITS = "t.state IN ('open', 'returned', 'parked') AND NOT t.gold"
# `value` is from 0 (first) to 1, null for the end. A task that somebody has locked at this moment keeps its place until the
# next time, so that neither waits for the other. Tables are joined by their keys alone, so that the plan is the same, and good,
# also for a table that has just been filled and that the planner knows nothing of.
_WEIGH = f"""
WITH waiting AS MATERIALIZED (
    SELECT t.id, t.rank AS was, i.id AS item, ({FIRST}) AS first, ({_IN_FRAMES}) AS frame,
           CASE WHEN {FRAMED} THEN i.group_key ELSE '' END AS kin, {{value}} AS value
    FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id
    WHERE t.queue_id = %s AND {_WAITS}
), {{more}} together AS (
    SELECT w.id, w.was, w.frame, CASE WHEN w.kin <> '' THEN min(w.first) OVER kin ELSE w.first END AS first,
           CASE WHEN w.kin <> '' THEN min(w.value) OVER kin ELSE w.value END AS value
    FROM {{source}} w WINDOW kin AS (PARTITION BY w.kin)
), weighed AS (
    SELECT g.id, g.was, {_placed(f"CASE WHEN g.value IS NULL THEN {LAST} ELSE least(greatest(round({LAST} * g.value), 0), {LAST - 1}) END", "g.first", "g.frame")} AS rank
    FROM together g WHERE g.was >= 0 AND g.was < {BEHIND}
), moved AS (
    SELECT t.id, m.rank FROM (SELECT w.id, w.rank FROM weighed w WHERE w.rank <> w.was) AS m JOIN annotate_task t ON t.id = m.id
    WHERE {_WAITS} ORDER BY t.id FOR UPDATE OF t SKIP LOCKED
)
UPDATE annotate_task t SET rank = m.rank FROM moved m WHERE t.id = m.id
"""
# Of each quota the k-th that waits stands at (done + k) / wanted of it: served in this order, the one that is furthest behind
# always comes first, also while answers come in, for each moves one from `k` to `done`.
_QUOTAS = """asked AS (
    SELECT u.*, bool_or(u.quota = 0) OVER (PARTITION BY u.item) AS waits
    FROM (SELECT w.id, w.was, w.item, w.first, w.frame, w.kin, 0 AS quota, '' AS state, 0::bigint AS wanted FROM waiting w
          UNION ALL {each}) AS u
), counted AS (
    SELECT a.*, CASE WHEN a.quota > 0 AND a.waits THEN (
               count(*) FILTER (WHERE NOT a.waits AND a.state IN ('labelled', 'approved')) OVER (PARTITION BY a.quota)
               + row_number() OVER (PARTITION BY a.quota, a.waits ORDER BY a.item))::float8 / a.wanted END AS place
    FROM asked a
), of_quota AS (
    SELECT p.* FROM (SELECT c.id, c.was, c.first, c.frame, c.kin, min(c.place) OVER (PARTITION BY c.item) / {over} AS value FROM counted c) AS p
    WHERE p.id IS NOT NULL
), """
_OF_QUOTA = "SELECT NULL, NULL, x.id, NULL, NULL, NULL, {quota}, x.state, %s::bigint FROM ({matching}) AS x(id, state)"


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
        return _placed(str(LAST), FIRST, _IN_FRAMES)
    return _RANK[order]


def weigh(queue: Queue) -> int:
    """Give what waits its place by what is known now, in an order that is weighed; how many tasks moved.

    One statement. What is in its place already is not written."""
    if queue.order not in WEIGHED:
        return 0
    values: list[Any] = []
    more, source, value = "", "waiting", "NULL::float8"
    if queue.order == "uncertainty":
        value = _SURE
    elif queue.order == "disagreement":
        value = _AGREED
    else:
        each, values = _quotas(queue)
        if each:
            more, source = _QUOTAS.format(each=each, over=_OVER), "of_quota"
    with connection.cursor() as cursor:
        cursor.execute(_WEIGH.format(value=value, more=more, source=source), [queue.pk, *values])
        return int(cursor.rowcount)


def _quotas(queue: Queue) -> tuple[str, list[Any]]:
    """Which item stands where in each quota of the project's open batches. One whose query means nothing any more counts for
    nothing, as on the batch's page, which says so."""
    from annotate.search.compile import compile_query

    found: list[str] = []
    values: list[Any] = []
    for batch in Batch.objects.filter(project_id=queue.project_id, state="open").order_by("pk"):
        for asked in batch.plan.get("quotas") or []:
            wanted = asked.get("at_least") or 0
            if wanted < 1:
                continue
            try:
                rows = Item.objects.filter(compile_query(asked["q"], queue.project_id), project_id=queue.project_id, batch=batch)
                matching, given = rows.exclude(state="erased").order_by().values("id", "state").query.sql_with_params()
            except (Invalid, EmptyResultSet):
                continue
            found.append(_OF_QUOTA.format(quota=len(found) + 1, matching=matching))
            values += [int(wanted), *given]
    return " UNION ALL ".join(found), values

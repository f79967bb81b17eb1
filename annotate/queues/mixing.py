"""Gold among the work: now and then a claim hands out an item whose truth is known, and nothing tells the person so.

A gold task is made for one person when they ask, is kept for them, and goes the way of what is kept (`picking.kept`). Nobody
is asked about what they answered, judged or wrote the truth of; the gold that was answered least comes first. Frames are not
handed out: a frame without its neighbours would tell.
"""

from __future__ import annotations

from typing import Any

from annotate.kernel import sql

FIRST = 10  # of a person's answers in a queue: twice as many of them are gold
APART = 1000  # gold tasks are counted from here, beside those that the item may have in its own right

# Whether this claim hands out gold, as an expression over queue `q`: never where nothing else is left to hide it among.
DUE = f"""CASE WHEN q.gold_percent <= 0 OR q.stage <> 'annotate' THEN false
    WHEN q.gold_percent >= 100 THEN true
    ELSE random() * 100 < q.gold_percent * (CASE WHEN (
            SELECT count(*) FROM (SELECT 1 FROM annotate_task t WHERE t.person_id = %(person)s::bigint AND t.queue_id = q.id
                                  AND t.state = 'answered' LIMIT {FIRST}) AS few) < {FIRST} THEN 2 ELSE 1 END)
         AND EXISTS (SELECT 1 FROM annotate_task t WHERE t.queue_id = q.id AND t.state = 'open' AND t.person_id IS NULL)
    END"""

# Gold `g` of item `i` that the person may still be handed: they had nothing to do with it yet.
_UNSEEN = """FROM annotate_gold g JOIN annotate_item i ON i.id = g.item_id
    WHERE g.project_id = %(project)s::bigint AND g.state = 'active' AND i.state <> 'erased' AND i.frame IS NULL
      AND NOT EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM annotate_task t WHERE t.item_id = i.id AND t.person_id = %(person)s::bigint)
      AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.item_id = i.id AND l.person_id = %(person)s::bigint)
      AND NOT EXISTS (SELECT 1 FROM annotate_annotation a WHERE a.item_id = i.id AND a.person_id = %(person)s::bigint)
      AND NOT EXISTS (SELECT 1 FROM annotate_review r WHERE r.item_id = i.id AND r.person_id = %(person)s::bigint)"""
_MIX = f"""
WITH chosen AS (
    SELECT g.item_id {_UNSEEN}
    ORDER BY (SELECT count(*) FROM annotate_task t WHERE t.item_id = i.id AND t.gold), random() LIMIT 1
)
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at, person_id, gold)
SELECT %(queue)s::bigint, c.item_id, 1,
       1 + coalesce((SELECT max(t.n) FROM annotate_task t WHERE t.queue_id = %(queue)s::bigint AND t.item_id = c.item_id
                     AND t.round = 1 AND t.n >= {APART}), {APART - 1}),
       'open', coalesce((SELECT t.rank FROM annotate_task t WHERE t.queue_id = %(queue)s::bigint AND t.state = 'open'
                         AND t.person_id IS NULL ORDER BY t.rank, t.id LIMIT 1), 0), now(), %(person)s::bigint, true
FROM chosen c
ON CONFLICT DO NOTHING
RETURNING id
"""


def mix(project_id: int, values: dict[str, Any]) -> bool:
    """Keep a gold task for the person of `values` in their queue; whether there was one for them."""
    return sql.row(_MIX, {**values, "project": project_id}) is not None


_COUNT = f"SELECT count(*) FROM (SELECT 1 {_UNSEEN} LIMIT %(most)s::int) AS few"


def unseen(project_id: int, person_id: int, most: int) -> int:
    """How many items of gold the person could still be handed, counted up to `most`."""
    found = sql.row(_COUNT, {"project": project_id, "person": person_id, "most": most})
    return int(found[0]) if found is not None else 0

"""How many answers an item needs: `overlap` of a queue for all items or for a seeded share of them.

The share is drawn by a hash of the item (of its group, for frames), so it is the same for ever, and a larger share of the
same seed holds the smaller one. What is asked for beyond that, where answers agree too little, is `agreeing`'s.
"""

from __future__ import annotations

from django.core.exceptions import EmptyResultSet
from django.db import connection

from annotate.items.models import Item
from annotate.queues.models import Queue
from annotate.queues.ranking import FRAMED

_MORE = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at, held)
SELECT t.queue_id, t.item_id, t.round, n.n, 'open', t.rank, now(), t.held
FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id, generate_series(2, {overlap}) AS n(n)
WHERE t.queue_id = %(queue)s AND t.n = 1 AND t.state <> 'void' AND NOT t.gold AND n.n <= {needed}
ORDER BY t.rank, t.item_id, n.n
ON CONFLICT DO NOTHING
"""
# One that was asked for because the answers agree too little stays. They are locked before anybody asks who holds them: who
# is about to take one has it locked, and is passed over.
_BEYOND = """
SELECT t.id FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id
WHERE t.queue_id = %(queue)s AND t.state = 'open' AND NOT t.gold AND t.n > {needed}
  AND NOT EXISTS (SELECT 1 FROM annotate_agreement a WHERE a.queue_id = t.queue_id AND a.item_id = t.item_id AND a.round = t.round
                  AND a.value < %(bar)s::float8 AND t.n <= %(most)s::int)
ORDER BY t.id FOR UPDATE OF t SKIP LOCKED
"""
_VOID = """
UPDATE annotate_task t SET state = 'void', person_id = NULL, reserved_until = NULL
WHERE t.id = ANY(%(tasks)s) AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL)
"""
_REVIVE = """
UPDATE annotate_task t SET state = 'open'
FROM annotate_item i, (SELECT o.id FROM annotate_task o WHERE o.queue_id = %(queue)s AND o.state = 'void' ORDER BY o.id FOR UPDATE) AS w
WHERE w.id = t.id AND i.id = t.item_id AND t.queue_id = %(queue)s AND t.state = 'void' AND t.n >= 2 AND t.n <= {needed} AND t.person_id IS NULL AND NOT t.gold
  AND i.state <> 'erased'
"""
_ASKED = "SELECT {needed}, count(*) FROM annotate_item i JOIN ({matching}) AS matching(id) ON matching.id = i.id GROUP BY 1"


def needed(queue: Queue) -> str:
    """The SQL of how many answers the item `i` needs in the queue."""
    overlap, percent, seed = int(queue.overlap), int(queue.overlap_percent), int(queue.overlap_seed)
    if percent >= 100 or overlap == 1:
        return str(overlap)
    drawn = f"hashtextextended(CASE WHEN {FRAMED} THEN 'group ' || i.group_key ELSE 'item ' || i.id::text END, {seed})"
    return f"CASE WHEN ({drawn} & 9223372036854775807) %% 10000 < {percent * 100} THEN {overlap} ELSE 1 END"


def change_overlap(queue: Queue) -> None:
    """Add the tasks that a larger overlap or share asks for, or void those beyond a smaller one that nobody holds.

    Call with the queue `alone` (see `fill`)."""
    values = {"queue": queue.pk, "bar": queue.agreement_bar, "most": queue.overlap_most}
    with connection.cursor() as cursor:
        for statement in (_REVIVE, _MORE, _BEYOND):
            cursor.execute(statement.format(needed=needed(queue), overlap=int(queue.overlap)), values)
        beyond = [row[0] for row in cursor.fetchall()]
        if beyond:
            cursor.execute(_VOID, {"tasks": beyond})


def asked(queue: Queue) -> dict[int, int]:
    """How many items that match the queue's query now need how many answers: {1: 800, 3: 200}. The queue need not be saved."""
    rows = Item.objects.filter(project_id=queue.project_id).exclude(state="erased")
    try:
        if queue.q.strip():
            from annotate.search.compile import compile_query

            rows = rows.filter(compile_query(queue.q, queue.project_id))
        matching, values = rows.order_by().values("id").query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ASKED.format(needed=needed(queue), matching=matching), values)
        return dict(sorted(cursor.fetchall()))

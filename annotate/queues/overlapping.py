"""How many answers an item needs: `overlap` of a queue for all items or for a seeded share of them, and one more each time
the answers agree too little.

The share is drawn by a hash of the item (of its group, for frames), so it is the same for ever, and a larger share of the
same seed holds the smaller one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection, transaction

from annotate.annotations.renaming import in_words_of
from annotate.annotations.schemas import parsed
from annotate.kernel import sql
from annotate.queues.measuring import agreement
from annotate.queues.models import Queue
from annotate.queues.ranking import FRAMED

CHUNK = 200
_MORE = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at)
SELECT t.queue_id, t.item_id, t.round, n.n, 'open', t.rank, now()
FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id, generate_series(2, {overlap}) AS n(n)
WHERE t.queue_id = %(queue)s AND t.n = 1 AND t.state <> 'void' AND NOT t.gold AND n.n <= {needed}
ORDER BY t.rank, t.item_id, n.n
ON CONFLICT DO NOTHING
"""
# One that was asked for because the answers agree too little stays.
_FEWER = """
UPDATE annotate_task t SET state = 'void', person_id = NULL, reserved_until = NULL
FROM annotate_item i
WHERE i.id = t.item_id AND t.queue_id = %(queue)s AND t.state = 'open' AND NOT t.gold AND t.n > {needed}
  AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM annotate_agreement a WHERE a.queue_id = t.queue_id AND a.item_id = t.item_id AND a.round = t.round
                  AND a.value < %(bar)s::float8 AND t.n <= %(most)s::int)
"""
_REVIVE = """
UPDATE annotate_task t SET state = 'open'
FROM annotate_item i
WHERE i.id = t.item_id AND t.queue_id = %(queue)s AND t.state = 'void' AND t.n >= 2 AND t.n <= {needed} AND t.person_id IS NULL AND NOT t.gold
  AND i.state <> 'erased'
"""
_ANSWERS = """
SELECT t.n, t.state, a.document FROM annotate_task t LEFT JOIN annotate_annotation a ON a.id = t.annotation_id
WHERE t.queue_id = %(queue)s::bigint AND t.item_id = %(item)s::bigint AND t.round = %(round)s::smallint
  AND t.state <> 'void' AND NOT t.gold ORDER BY t.n
"""
_KEEP = """
INSERT INTO annotate_agreement (queue_id, item_id, round, value, answers, measured_at)
VALUES (%(queue)s::bigint, %(item)s::bigint, %(round)s::smallint, %(value)s::float8, %(answers)s::smallint, clock_timestamp())
ON CONFLICT (queue_id, item_id, round) DO UPDATE
    SET value = excluded.value, answers = excluded.answers, measured_at = excluded.measured_at
"""
# It stands before everything else that waits, since the other answers of the item wait for it.
_ONE_MORE = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at)
SELECT %(queue)s::bigint, %(item)s::bigint, %(round)s::smallint, %(n)s::smallint, 'open',
       coalesce((SELECT t.rank FROM annotate_task t WHERE t.queue_id = %(queue)s::bigint AND t.state = 'open' AND t.person_id IS NULL
                 ORDER BY t.rank, t.id LIMIT 1), 0) - 1, now()
ON CONFLICT (queue_id, item_id, round, n) DO UPDATE SET state = 'open', rank = excluded.rank
    WHERE annotate_task.state = 'void' AND annotate_task.person_id IS NULL AND NOT annotate_task.gold
"""
_SCHEMA = "SELECT id FROM annotate_schemaversion WHERE project_id = %(project)s::bigint ORDER BY number DESC LIMIT 1"
_UNMEASURED = """
SELECT q.project_id, t.queue_id, t.item_id, t.round
FROM annotate_queue q JOIN annotate_task t ON t.queue_id = q.id
LEFT JOIN annotate_agreement a ON a.queue_id = t.queue_id AND a.item_id = t.item_id AND a.round = t.round
WHERE q.stage = 'annotate' AND q.overlap > 1 AND q.state <> 'closed' AND NOT t.gold AND t.state <> 'void'
GROUP BY q.project_id, t.queue_id, t.item_id, t.round, a.measured_at
HAVING count(*) > 1 AND bool_and(t.state = 'answered') AND (a.measured_at IS NULL OR max(t.answered_at) > a.measured_at)
LIMIT %s
"""


def needed(queue: Queue) -> str:
    """The SQL of how many answers the item `i` needs in the queue."""
    overlap, percent, seed = int(queue.overlap), int(queue.overlap_percent), int(queue.overlap_seed)
    if percent >= 100 or overlap == 1:
        return str(overlap)
    drawn = f"hashtextextended(CASE WHEN {FRAMED} THEN 'group ' || i.group_key ELSE 'item ' || i.id::text END, {seed})"
    return f"CASE WHEN ({drawn} & 9223372036854775807) %% 10000 < {percent * 100} THEN {overlap} ELSE 1 END"


def change_overlap(queue: Queue) -> None:
    """Add the tasks that a larger overlap or share asks for, or void those beyond a smaller one that nobody holds."""
    values = {"queue": queue.pk, "bar": queue.agreement_bar, "most": queue.overlap_most}
    with connection.cursor() as cursor:
        for statement in (_REVIVE, _MORE, _FEWER):
            cursor.execute(statement.format(needed=needed(queue), overlap=int(queue.overlap)), values)


def settle(project_id: int, queue_id: int, item_id: int, round_: int, *, bar: float | None, most: int | None) -> float | None:
    """Measure how much the answers of an item agree, when all that are asked for are there and they are two or more; and
    ask for one more where they agree less than `bar`, up to `most`. The measure, or None when it is too early.

    Call in the transaction of the answer, with the item's row locked, so that of two last answers one sees the other.
    """
    about: dict[str, Any] = {"queue": queue_id, "item": item_id, "round": round_}
    rows = sql.rows(_ANSWERS, about)
    if len(rows) < 2 or any(state != "answered" or document is None for _n, state, document in rows):
        return None
    value = _agreement(project_id, [document for _n, _state, document in rows])
    if value is None:
        return None
    sql.rows(_KEEP, {**about, "value": value, "answers": len(rows)})
    if bar is not None and most is not None and value < bar and len(rows) < most:
        sql.rows(_ONE_MORE, {**about, "n": max(n for n, _state, _document in rows) + 1})
    return value


def _agreement(project_id: int, documents: Sequence[str]) -> float | None:
    """In the words of the newest schema."""
    newest = sql.row(_SCHEMA, {"project": project_id})
    assert newest is not None
    schema = parsed(newest[0])
    return agreement([in_words_of(schema, orjson.loads(document), project_id) for document in documents], schema.document)


def measure_some() -> int:
    """Measure answers of queues that ask for no more by agreement, at most a chunk; how many items."""
    with connection.cursor() as cursor:
        cursor.execute(_UNMEASURED, [CHUNK])
        rows = cursor.fetchall()
    done = 0
    for project, queue, item, round_ in rows:
        with transaction.atomic():
            done += settle(project, queue, item, round_, bar=None, most=None) is not None
    return done

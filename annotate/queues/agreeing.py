"""How much the answers of an item agree, and one answer more where that is too little.

In a queue with a bar it is measured in the transaction of the answer that was the last one asked for, so that nobody finds
the item finished before it is. Elsewhere nobody waits for the measure: the clock takes what was answered since it last looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection, transaction

from annotate.activity.cursors import read_news, skip_to_now
from annotate.annotations.renaming import in_words_of
from annotate.annotations.schemas import parsed
from annotate.annotations.writing import lock_item
from annotate.kernel import sql
from annotate.kernel.errors import Gone, Missing
from annotate.queues.fill import weigh_anew
from annotate.queues.measuring import agreement
from annotate.queues.models import Queue
from annotate.queues.ranking import AT_FRONT

NEWS = "queues.agreement"
_READ = 1000  # rows of news at a time
_READS = 20  # so often at most in a run
_SWEEP = 20  # a run in so many also looks for what the news does not tell of: the last one asked for was voided, say
_runs = 0

# Answers of the round, and what is still asked for; `held`: somebody is at it, or it is meant for somebody.
_ANSWERS = """
SELECT t.id, t.n, t.state, a.document,
       t.person_id IS NOT NULL OR EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL)
       OR EXISTS (SELECT 1 FROM annotate_draft d WHERE d.task_id = t.id)
FROM annotate_task t LEFT JOIN annotate_annotation a ON a.id = t.annotation_id
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
_ONE_MORE = f"""
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at)
SELECT %s, %s, %s, %s, 'open', coalesce({AT_FRONT}, -1), now()
ON CONFLICT (queue_id, item_id, round, n) DO UPDATE SET state = 'open', rank = excluded.rank
    WHERE annotate_task.state = 'void' AND annotate_task.person_id IS NULL AND NOT annotate_task.gold
"""
_LOCK_FREE = "SELECT id FROM annotate_task WHERE id = ANY(%(tasks)s::bigint[]) AND state = 'open' AND person_id IS NULL ORDER BY id FOR UPDATE SKIP LOCKED"
_WITHDRAW = """
UPDATE annotate_task t SET state = 'void'
WHERE t.id = ANY(%(tasks)s::bigint[]) AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM annotate_draft d WHERE d.task_id = t.id)
RETURNING t.id
"""
_SCHEMA = "SELECT id FROM annotate_schemaversion WHERE project_id = %(project)s::bigint ORDER BY number DESC LIMIT 1"
_UNMEASURED = """
SELECT q.project_id, t.queue_id, t.item_id, t.round, q.overlap
FROM annotate_queue q JOIN annotate_task t ON t.queue_id = q.id
LEFT JOIN annotate_agreement a ON a.queue_id = t.queue_id AND a.item_id = t.item_id AND a.round = t.round
WHERE q.stage = 'annotate' AND q.overlap > 1 AND q.state <> 'closed' AND NOT t.gold AND t.state <> 'void'
GROUP BY q.project_id, t.queue_id, t.item_id, t.round, q.overlap, a.measured_at
HAVING count(*) > 1 AND bool_and(t.state = 'answered') AND (a.measured_at IS NULL OR max(t.answered_at) > a.measured_at)
LIMIT %s
"""
_ROUNDS = """
SELECT q.project_id, t.queue_id, t.item_id, t.round, q.overlap
FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
WHERE t.id = ANY(%s) AND NOT t.gold AND q.stage = 'annotate' AND q.overlap > 1 AND q.agreement_bar IS NULL
ORDER BY 3, 2, 4
"""


def settle(
    project_id: int, queue_id: int, item_id: int, round_: int, *, overlap: int, bar: float | None = None, most: int | None = None
) -> float | None:
    """Measure how much the answers of an item agree, when all that the queue needs are there and they are two or more. Where
    they agree less than `bar`, one more is asked for, up to `most`; where they now agree, one that was asked for and nobody has
    begun is not needed any more. The measure, or None when it is too early.

    Call in the transaction of the answer, with the item's row locked, so that of two last answers one sees the other.
    """
    about: dict[str, Any] = {"queue": queue_id, "item": item_id, "round": round_}
    rows = sql.rows(_ANSWERS, about)
    given = [document for _id, _n, state, document, _held in rows if state == "answered" and document is not None]
    further = [(task, held) for task, n, state, _document, held in rows if state == "open" and n > overlap]
    if len(given) < 2 or len(given) + len(further) < len(rows):
        return None
    value = _agreement(project_id, given)
    if value is None:
        return None
    sql.rows(_KEEP, {**about, "value": value, "answers": len(given)})
    if bar is not None and most is not None:
        if value >= bar:
            _withdraw([task for task, held in further if not held])
        elif not further and len(given) < most:
            with connection.cursor() as cursor:
                cursor.execute(_ONE_MORE, [queue_id, item_id, round_, max(row[1] for row in rows) + 1, queue_id])
    return value


def _withdraw(tasks: Sequence[int]) -> None:
    """Void these; who is about to take one has it locked, and keeps it."""
    if tasks and (free := [row[0] for row in sql.rows(_LOCK_FREE, {"tasks": list(tasks)})]):
        sql.rows(_WITHDRAW, {"tasks": free})


def _agreement(project_id: int, documents: Sequence[str]) -> float | None:
    """In the words of the newest schema."""
    newest = sql.row(_SCHEMA, {"project": project_id})
    assert newest is not None
    schema = parsed(newest[0])
    return agreement([in_words_of(schema, orjson.loads(document), project_id) for document in documents], schema.document)


def measure_some() -> int:
    """Measure the answers that came since the last run into queues that ask for no more by agreement; how many items.

    Queues that are ordered by it are weighed anew. What a run that was killed left out the next sweep finds."""
    global _runs
    _runs += 1
    if not Queue.objects.filter(stage="annotate", overlap__gt=1).exclude(state="closed").exists():
        skip_to_now(NEWS)
        return 0
    done, projects = 0, set()
    for _read in range(_READS):
        rows = _news()
        if rows is None:
            break
        done += _measure(rows, projects)
    if _runs % _SWEEP == 1:
        with connection.cursor() as cursor:
            cursor.execute(_UNMEASURED, [_READ])
            rows = cursor.fetchall()
        done += _measure(rows, projects)
    ordered = Queue.objects.filter(project_id__in=projects, state="open", order="disagreement")
    for queue in ordered.order_by("pk").values_list("pk", flat=True) if projects else ():
        weigh_anew(queue)
    return done


def _news() -> list[tuple[Any, ...]] | None:
    """(project, queue, item, round, overlap) of the next answers; None at the end of the news."""
    news = read_news(NEWS, _READ)
    if not news:
        return None
    tasks = [row.data["task"] for row in news if row.verb == "annotation.submit" and "task" in row.data]
    if not tasks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ROUNDS, [tasks])
        return list(dict.fromkeys(cursor.fetchall()))


def _measure(rows: Sequence[tuple[Any, ...]], projects: set[int]) -> int:
    """Measure these rounds of items, one transaction each; `projects` gets those where something was."""
    done = 0
    for project, queue, item, round_, overlap in rows:
        try:
            with transaction.atomic():
                lock_item(item)
                measured = settle(project, queue, item, round_, overlap=overlap) is not None
        except (Gone, Missing):
            continue
        if measured:
            projects.add(project)
            done += 1
    return done

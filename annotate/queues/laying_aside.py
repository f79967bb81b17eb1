"""What still waits of an item that is decided is laid aside, in the transaction of the decision; taken back, it waits again as it did.

Laid aside are verdicts that nobody has given yet, and further answers that nobody has begun. Whoever has such a verdict in hand is told
when they come back; who writes an answer may finish it. Second looks measure what was judged, and go on; a dispute is decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from annotate.kernel import sql

Laid = dict[str, Any]  # a task as it was: {task, state, person, rank, until, annotation}

_WAITS = """
SELECT t.item_id, t.id, t.state, t.person_id, t.rank, t.reserved_until, t.annotation_id
FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
WHERE t.item_id = ANY(%(items)s::bigint[]) AND t.id <> ALL(%(but)s::bigint[]) AND t.state IN ('open', 'returned', 'parked') AND NOT t.gold AND t.rejudges_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM annotate_dispute d WHERE d.task_id = t.id AND d.state = 'open')
  AND (q.stage <> 'annotate'
       OR EXISTS (SELECT 1 FROM annotate_task o WHERE o.queue_id = t.queue_id AND o.item_id = t.item_id AND o.round = t.round
                  AND o.state = 'answered' AND NOT o.gold)
          AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())
          AND NOT EXISTS (SELECT 1 FROM annotate_draft d WHERE d.task_id = t.id))
ORDER BY t.id
"""
_VOID = """
UPDATE annotate_task SET state = 'void', person_id = CASE WHEN state = 'open' THEN NULL ELSE person_id END, reserved_until = NULL
WHERE id = ANY(%(tasks)s::bigint[])
"""
_END = """
UPDATE annotate_lease SET ended_at = clock_timestamp(), ended_by = 'move' WHERE task_id = ANY(%(tasks)s::bigint[]) AND ended_at IS NULL
"""
# Not where its person has been given another task of the item since.
_AGAIN = """
UPDATE annotate_task t SET state = v.state, person_id = v.person, rank = v.rank, reserved_until = v.until, annotation_id = v.annotation
FROM jsonb_to_recordset(%(laid)s::jsonb) AS v(task bigint, state text, person bigint, rank bigint, until timestamptz, annotation bigint)
WHERE t.id = v.task AND t.state = 'void'
  AND NOT EXISTS (SELECT 1 FROM annotate_task o WHERE o.queue_id = t.queue_id AND o.item_id = t.item_id AND o.round = t.round
                  AND o.person_id = v.person AND o.id <> t.id)
"""
_FOLLOW = """
UPDATE annotate_task t SET annotation_id = v.new
FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS v(old, new), annotate_queue q
WHERE t.annotation_id = v.old AND q.id = t.queue_id
  AND (q.stage = 'annotate' AND t.state = 'answered' OR q.stage <> 'annotate' AND t.state IN ('open', 'returned', 'parked'))
"""


def lay_aside(items: Sequence[int], *, but: Iterable[int] = ()) -> dict[int, list[Laid]]:
    """Item → its tasks laid aside, as they were; `but` are tasks that stay. The caller holds the locks of the items and of all their
    tasks (`annotations.live.lock`)."""
    found: dict[int, list[Laid]] = {}
    for item, task, state, person, rank, until, annotation in sql.rows(_WAITS, {"items": list(items), "but": list(but)}):
        laid = {"task": task, "state": state, "person": person, "rank": rank, "until": _written(until), "annotation": annotation}
        found.setdefault(item, []).append(laid)
    if found:
        tasks = {"tasks": [laid["task"] for rows in found.values() for laid in rows]}
        sql.rows(_VOID, tasks)
        sql.rows(_END, tasks)
    return found


def take_up(laid: Sequence[Laid]) -> None:
    """They wait again, but for those that something else has changed since. Under the same locks."""
    if laid:
        sql.rows(_AGAIN, {"laid": orjson.dumps(list(laid)).decode()})


def follow(revisions: Mapping[int, int]) -> None:
    """Answers, and verdicts to come, that named an old revision name the one that says the same anew: old → new."""
    if revisions:
        sql.rows(_FOLLOW, {"old": list(revisions), "new": list(revisions.values())})


def _written(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None

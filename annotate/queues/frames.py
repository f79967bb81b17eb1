"""The frames of a group as the person on one of them may know them: which are begun, answered, free or somebody else's.

Of other people's work it says nothing but that a frame is not to be had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from annotate.kernel import sql
from annotate.queues.leases import Locked
from annotate.queues.opened import opened
from annotate.queues.picking import answers

MOST = 500  # frames on the strip: so many around the one on the desk

# Every part is looked up by a key and fenced by OFFSET 0, for the reason of `picking._ALONE`.
_NEAR = "SELECT i.id, i.frame, i.key, i.group_key FROM annotate_item i WHERE i.project_id = here.project_id AND i.group_key = here.group_key AND i.state <> 'erased'"
_WINDOW = f"""
SELECT f.* FROM (
    ({_NEAR} AND i.frame >= here.frame ORDER BY i.frame, i.id LIMIT %(most)s::int)
    UNION
    ({_NEAR} AND i.frame < here.frame ORDER BY i.frame DESC, i.id DESC LIMIT %(most)s::int)
) f OFFSET 0
"""
# The item's tasks in this queue, looked up by the item: see `picking._PROBED`.
_TASKS = "SELECT * FROM annotate_task x WHERE x.item_id = i.id AND x.queue_id + 0 = %(queue)s::bigint OFFSET 0"
_BEGUN = "SELECT x.revision, x.document FROM annotate_draft x WHERE x.task_id = {task} AND x.person_id + 0 = %(person)s::bigint OFFSET 0"
# `own`: the person's answer, or what came back to them or waits for their question. `free`: a task they could take.
_FRAMES = f"""
SELECT i.id, i.frame, i.key, own.id,
       CASE WHEN own.state = 'answered' AND {opened("own.annotation_id", "%(person)s::bigint")} THEN 'done' ELSE own.state END,
       d.revision,
       coalesce(d.document, answer.document), free.id, free.begun,
       EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL OFFSET 0),
       EXISTS (SELECT 1 FROM annotate_groupclaim g
               WHERE g.queue_id = %(queue)s::bigint AND g.group_key = i.group_key
                 AND g.person_id <> %(person)s::bigint AND g.expires_at > clock_timestamp()
                 AND NOT EXISTS (SELECT 1 FROM annotate_groupclaim mine
                                 WHERE mine.queue_id = %(queue)s::bigint AND mine.group_key = i.group_key
                                   AND mine.person_id = %(person)s::bigint AND mine.expires_at > clock_timestamp() OFFSET 0)
               OFFSET greatest({answers("i.id", "%(queue)s::bigint", "free.round", "(SELECT overlap FROM annotate_queue WHERE id = %(queue)s::bigint)")} - 1, 0))
FROM annotate_item here
JOIN LATERAL ({_WINDOW}) AS i ON true
LEFT JOIN LATERAL (
    SELECT t.id, t.state, t.annotation_id FROM ({_TASKS}) t
    WHERE t.person_id = %(person)s::bigint AND t.state IN ('answered', 'returned', 'parked')
    ORDER BY t.round DESC LIMIT 1
) own ON true
LEFT JOIN LATERAL (
    SELECT t.id, EXISTS ({_BEGUN.format(task="t.id")}) AS begun, t.annotation_id, t.round FROM ({_TASKS}) t
    WHERE t.state = 'open' AND own.id IS NULL AND (t.person_id IS NULL OR t.person_id = %(person)s::bigint)
      AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL
                      AND l.expires_at > clock_timestamp() AND l.person_id <> %(person)s::bigint OFFSET 0)
      AND NOT EXISTS (SELECT 1 FROM ({_TASKS}) o WHERE o.round = t.round
                        AND EXISTS (SELECT 1 FROM annotate_skip s WHERE s.task_id = o.id AND s.person_id = %(person)s::bigint
                                      AND s.settled <> 'back' OFFSET 0) OFFSET 0)
      AND NOT EXISTS (SELECT 1 FROM annotate_draft d WHERE d.task_id = t.id AND d.person_id <> %(person)s::bigint
                        AND EXISTS (SELECT 1 FROM annotate_groupclaim g WHERE g.queue_id = %(queue)s::bigint AND g.group_key = i.group_key
                                      AND g.person_id = d.person_id AND g.expires_at > clock_timestamp() OFFSET 0) OFFSET 0)
      AND NOT (%(judges)s::bool AND EXISTS (SELECT 1 FROM annotate_annotation a
                                            WHERE a.item_id = i.id AND a.person_id = %(person)s::bigint AND a.source <> 'undo'
                                              AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id) OFFSET 0))
    ORDER BY 2 DESC, t.n LIMIT 1
) free ON true
LEFT JOIN LATERAL ({_BEGUN.format(task="coalesce(own.id, free.id)")}) d ON true
LEFT JOIN LATERAL (
    SELECT a.document FROM annotate_annotation a
    WHERE a.id = CASE WHEN %(judges)s::bool THEN coalesce(own.annotation_id, free.annotation_id) ELSE own.annotation_id END OFFSET 0
) answer ON true
WHERE here.id = %(item)s::bigint AND here.group_key <> '' AND here.frame IS NOT NULL
ORDER BY i.frame, i.id
"""


@dataclass(frozen=True)
class Frames:
    """`rows` in frame order, see `frames`; `previous`: {"of", "objects", "item"}, the id and the whole draft or answer
    of the person in the nearest earlier frame that has objects; None where there is none. `tasks`: by item, those that the
    person may write a draft for, the one at hand left out."""

    rows: list[dict[str, Any]]
    previous: dict[str, Any] | None
    tasks: dict[int, int]


def frames(locked: Locked) -> Frames:
    """Frames around that of a lease, in order: item, frame, state, and for one's own key, task, revision and objects.

    `state` is here, mine (begun, or come back), answered, done (answered, and a reviewer has opened it), open (to be taken) or away. `objects` are those with a track,
    of the draft or the answer; who judges sees what is to be judged. Empty when the item is no frame of a group, or stands for
    itself, as the question of a run does: neither its neighbours nor what was drawn there help to answer it.
    """
    if locked.gold:
        return Frames([], None, {})
    values = {
        "item": locked.item_id,
        "queue": locked.queue_id,
        "person": locked.person_id,
        "judges": locked.stage != "annotate",
        "most": MOST // 2,
    }
    rows, previous, passed, tasks = [], None, False, {}
    for found in sql.rows(_FRAMES, values):
        row = _frame(found, locked)
        if row["state"] in ("mine", "open"):
            tasks[row["item"]] = found[3] or found[7]
        passed = passed or row["item"] == locked.item_id
        if not passed and row["objects"]:
            previous = {"of": row["item"], "objects": row["objects"], "item": row["answers"]}
        row["objects"] = [one for one in row["objects"] if one.get("track")]
        del row["answers"]
        rows.append(row)
    return Frames(rows, previous, tasks)


def _frame(row: tuple[Any, ...], locked: Locked) -> dict[str, Any]:
    """The row with all objects, and beside it the answers about the item."""
    item, number, key, own, own_state, revision, document, free, begun, held, claimed = row
    state = _state(item == locked.item_id, own_state, free, begun, held, claimed)
    known = locked.stage != "annotate" or state in ("here", "mine", "answered", "done")
    content = orjson.loads(document) if document and known else {}
    return {
        "item": item,
        "frame": number,
        "state": state,
        "key": key if known else None,
        "task": own or free if known else None,
        "revision": revision or 0,
        "objects": content.get("objects", []),
        "answers": content.get("item", {}),
    }


def _state(here: bool, own: str | None, free: int | None, begun: bool, held: bool, claimed: bool) -> str:
    if here:
        return "here"
    if held or own == "parked":
        return "away"
    if own is not None:
        return own if own in ("answered", "done") else "mine"
    if free is None or claimed:
        return "away"
    return "mine" if begun else "open"

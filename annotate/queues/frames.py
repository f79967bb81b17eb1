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

_WINDOW = """
SELECT f.id FROM (
    (SELECT i.id, i.frame FROM annotate_item i
     WHERE i.project_id = here.project_id AND i.group_key = here.group_key AND i.frame >= here.frame
       AND i.state <> 'erased' ORDER BY i.frame, i.id LIMIT %(most)s::int)
    UNION
    (SELECT i.id, i.frame FROM annotate_item i
     WHERE i.project_id = here.project_id AND i.group_key = here.group_key AND i.frame < here.frame
       AND i.state <> 'erased' ORDER BY i.frame DESC, i.id DESC LIMIT %(most)s::int)
) f
"""
# The item's tasks in this queue, looked up by the item: see `picking._PROBED`.
_TASKS = "SELECT * FROM annotate_task x WHERE x.item_id = i.id AND x.queue_id + 0 = %(queue)s::bigint OFFSET 0"
# `own`: the person's answer, or what came back to them or waits for their question. `free`: a task they could take.
_FRAMES = f"""
SELECT i.id, i.frame, i.key, own.id,
       CASE WHEN own.state = 'answered' AND {opened("own.annotation_id", "%(person)s::bigint")} THEN 'done' ELSE own.state END,
       d.revision,
       coalesce(d.document, answer.document), free.id, free.begun,
       EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL),
       EXISTS (SELECT 1 FROM annotate_groupclaim g
               WHERE g.queue_id = %(queue)s::bigint AND g.group_key = i.group_key
                 AND g.person_id <> %(person)s::bigint AND g.expires_at > clock_timestamp()
                 AND NOT EXISTS (SELECT 1 FROM annotate_groupclaim mine
                                 WHERE mine.queue_id = g.queue_id AND mine.group_key = g.group_key
                                   AND mine.person_id = %(person)s::bigint AND mine.expires_at > clock_timestamp())
               OFFSET greatest({answers("i.id", "%(queue)s::bigint", "free.round", "(SELECT overlap FROM annotate_queue WHERE id = %(queue)s::bigint)")} - 1, 0))
FROM annotate_item here
JOIN LATERAL ({_WINDOW}) AS near ON true
JOIN annotate_item i ON i.id = near.id
LEFT JOIN LATERAL (
    SELECT t.id, t.state, t.annotation_id FROM ({_TASKS}) t
    WHERE t.person_id = %(person)s::bigint AND t.state IN ('answered', 'returned', 'parked')
    ORDER BY t.round DESC LIMIT 1
) own ON true
LEFT JOIN LATERAL (
    SELECT t.id, begun.id IS NOT NULL AS begun, t.annotation_id, t.round FROM ({_TASKS}) t
    LEFT JOIN annotate_draft begun ON begun.task_id = t.id AND begun.person_id = %(person)s::bigint
    WHERE t.state = 'open' AND own.id IS NULL AND (t.person_id IS NULL OR t.person_id = %(person)s::bigint)
      AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL
                      AND l.expires_at > clock_timestamp() AND l.person_id <> %(person)s::bigint)
      AND NOT EXISTS (SELECT 1 FROM annotate_skip s JOIN annotate_task o ON o.id = s.task_id
                      WHERE s.item_id = i.id AND s.person_id = %(person)s::bigint AND s.settled <> 'back'
                        AND o.item_id = i.id AND o.queue_id + 0 = t.queue_id AND o.round = t.round OFFSET 0)
      AND NOT EXISTS (SELECT 1 FROM annotate_draft d JOIN annotate_groupclaim g ON g.person_id = d.person_id
                      WHERE d.task_id = t.id AND d.person_id <> %(person)s::bigint AND g.queue_id = t.queue_id
                        AND g.group_key = i.group_key AND g.expires_at > clock_timestamp())
      AND NOT (%(judges)s::bool AND EXISTS (SELECT 1 FROM annotate_annotation a
                                            WHERE a.item_id = i.id AND a.person_id = %(person)s::bigint AND a.source <> 'undo'
                                              AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id)))
    ORDER BY begun.id IS NULL, t.n LIMIT 1
) free ON true
LEFT JOIN annotate_draft d ON d.task_id = coalesce(own.id, free.id) AND d.person_id = %(person)s::bigint
LEFT JOIN annotate_annotation answer ON answer.id = CASE WHEN %(judges)s::bool THEN coalesce(own.annotation_id, free.annotation_id)
                                                         ELSE own.annotation_id END
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

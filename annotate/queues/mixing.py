"""Gold among the work: now and then a claim hands out an item whose truth is known, and nothing tells the person so.

A gold task is made for one person when they ask, and is theirs alone (`Task.gold`). Nobody is asked about what they answered,
judged or wrote the truth of; the gold that was answered least comes first. Frames are not handed out among work, nor anything
in the midst of a group's frames: a picture without its neighbours would tell. Where nothing else is left for the person, or
nothing but frames lies before them and behind them, there is nothing to hide gold among, so none is handed out, but in a queue of
gold only.

The run of a qualification hides nothing, so it asks about frames too, each as a picture of its own (`Task.gold` keeps strip,
steps and group claims away from it), and of groups that the person was asked about there already only when no other is left.
"""

from __future__ import annotations

from typing import Any

from annotate.kernel import sql
from annotate.queues import picking

FIRST = 10  # of a person's answers in a queue: twice as many of them are gold
APART = 1000  # the numbers of gold tasks are drawn from here on, beside those that the item may have in its own right
DRAWN = 31_000  # of so many numbers: two people who are given the same gold at this moment seldom draw the same
POOL = 500  # gold that is looked at for one claim, drawn anew each time
COMPARED = 24  # of what the person may be given, how many are compared by how often they were answered
TRIES = 5
NEVER, DRAWN_NOW, ONLY = 0, 1, 2

# What this claim is to do about gold (`NEVER`, `DRAWN_NOW`, `ONLY`), as an expression over queue `q`; a relabelling queue begins
# from what stands, and gold does not.
DUE = f"""CASE WHEN q.gold_percent <= 0 OR q.stage <> 'annotate' THEN {NEVER}
    WHEN EXISTS (SELECT 1 FROM annotate_schemachange s WHERE s.queue_id = q.id) THEN {NEVER}
    WHEN q.gold_percent >= 100 THEN {ONLY}
    WHEN random() * 100 < q.gold_percent * (CASE WHEN (
            SELECT count(*) FROM (SELECT 1 FROM annotate_task t WHERE t.person_id = %(person)s::bigint AND t.queue_id = q.id
                                  AND t.state = 'answered' LIMIT {FIRST}) AS few) < {FIRST} THEN 2 ELSE 1 END)
    THEN {DRAWN_NOW} ELSE {NEVER} END"""



def _unseen(person: str, frames: str) -> str:
    """SQL: gold `g` of item `i` that the person may still be handed, for they had nothing to do with it yet; frames of groups
    where the condition `frames` holds."""
    return f"""JOIN annotate_item i ON i.id = g.item_id
    WHERE i.state <> 'erased' AND (i.frame IS NULL OR {frames})
      AND NOT EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = i.id AND h.ended_at IS NULL)
      AND NOT EXISTS (SELECT 1 FROM annotate_task t WHERE t.item_id = i.id AND t.person_id = {person})
      AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.item_id = i.id AND l.person_id = {person})
      AND NOT EXISTS (SELECT 1 FROM annotate_annotation a WHERE a.item_id = i.id AND a.person_id = {person})
      AND NOT EXISTS (SELECT 1 FROM annotate_review r WHERE r.item_id = i.id AND r.person_id = {person})"""


def _active(project: str) -> str:
    return f"SELECT item_id FROM annotate_gold WHERE project_id = {project} AND state = 'active'"


def unseen_by(person: str, project: str, most: str, *, frames: str = "false") -> str:
    """SQL: how many items of the project's gold a person could still be handed, counted up to `most`; all are SQL expressions.
    `frames`: whether frames of groups count, as they do in a run."""
    return f"(SELECT count(*) FROM (SELECT 1 FROM ({_active(project)}) AS g {_unseen(person, frames)} LIMIT {most}) AS few)"


_NEAR = 200  # tasks before the person that are looked at for a picture by itself
_LATELY = 20  # and so many that they had
# Pictures that are no frames are among the work here, so that one more does not stand out.
_ALIKE = f"""(EXISTS (
        SELECT 1 FROM (SELECT t.item_id FROM annotate_task t WHERE t.queue_id = %(queue)s::bigint AND t.state = 'open' AND t.person_id IS NULL AND NOT t.held
                       AND t.rank >= coalesce((
                           SELECT o.rank FROM annotate_lease l JOIN annotate_task o ON o.id = l.task_id
                           WHERE l.id = (SELECT m.id FROM annotate_lease m WHERE m.person_id = %(person)s::bigint
                                         AND m.queue_id = %(queue)s::bigint ORDER BY m.id DESC LIMIT 1)), -9223372036854775808)
                       ORDER BY t.rank, t.id LIMIT {_NEAR}) AS ahead
        JOIN annotate_item i ON i.id = ahead.item_id WHERE i.frame IS NULL)
    OR EXISTS (
        SELECT 1 FROM (SELECT l.task_id FROM annotate_lease l WHERE l.person_id = %(person)s::bigint AND l.queue_id = %(queue)s::bigint
                       ORDER BY l.id DESC LIMIT {_LATELY}) AS behind
        JOIN annotate_task t ON t.id = behind.task_id JOIN annotate_item i ON i.id = t.item_id WHERE NOT t.gold AND i.frame IS NULL)
    OR EXISTS (
        SELECT 1 FROM (SELECT t.item_id FROM annotate_task t WHERE t.queue_id = %(queue)s::bigint AND t.person_id = %(person)s::bigint
                       AND t.state = 'open' AND NOT t.gold ORDER BY t.rank, t.id LIMIT {_LATELY}) AS kept
        JOIN annotate_item i ON i.id = kept.item_id WHERE i.frame IS NULL))"""

_PERSON, _PROJECT, _FRAMES = "%(person)s::bigint", "%(project)s::bigint", "%(frames)s::bool"
# How many frames of the same group the person was asked about in this queue.
_ASKED = f"""CASE WHEN few.frame IS NULL THEN 0 ELSE (
    SELECT count(*) FROM annotate_task t JOIN annotate_item o ON o.id = t.item_id
    WHERE t.person_id = {_PERSON} AND t.queue_id = %(queue)s::bigint AND t.gold AND o.group_key = few.group_key AND o.frame IS NOT NULL) END"""
# It stands where the person is in the queue, so that they go on from there.
_MIX = f"""
WITH pending AS (
    SELECT t.id FROM annotate_task t
    WHERE t.queue_id = %(queue)s::bigint AND t.person_id = %(person)s::bigint AND t.state = 'open' AND t.gold
      AND NOT EXISTS (SELECT 1 FROM annotate_lease l WHERE l.task_id = t.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())
      AND NOT EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = t.item_id AND h.ended_at IS NULL)
    ORDER BY t.id LIMIT 1
), chosen AS (
    SELECT few.item_id FROM (
        SELECT g.item_id, i.frame, i.group_key
        FROM ({_active(_PROJECT)} ORDER BY random() LIMIT {POOL}) AS g {_unseen(_PERSON, _FRAMES)} LIMIT {COMPARED}) AS few
    WHERE NOT EXISTS (SELECT 1 FROM pending)
      AND (%(only)s::bool OR ({_ALIKE} AND {picking.there("annotate")}))
    ORDER BY {_ASKED}, (SELECT count(*) FROM (SELECT 1 FROM annotate_task t WHERE t.item_id = few.item_id AND t.gold LIMIT 1000) AS many), random()
    LIMIT 1
), made AS (
    INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, created_at, person_id, gold)
    SELECT %(queue)s::bigint, c.item_id, 1, {APART} + floor(random() * {DRAWN})::int, 'open',
           greatest(coalesce(
               (SELECT o.rank FROM annotate_lease l JOIN annotate_task o ON o.id = l.task_id
                WHERE l.id = (SELECT m.id FROM annotate_lease m WHERE m.person_id = %(person)s::bigint
                              AND m.queue_id = %(queue)s::bigint ORDER BY m.id DESC LIMIT 1)),
               (SELECT t.rank FROM annotate_task t WHERE t.queue_id = %(queue)s::bigint AND t.state = 'open'
                AND t.person_id IS NULL AND NOT t.held ORDER BY t.rank, t.id LIMIT 1),
               0), -9223372036854775807) - 1,
           now(), %(person)s::bigint, true
    FROM chosen c
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT coalesce((SELECT id FROM pending), (SELECT id FROM made)), EXISTS (SELECT 1 FROM chosen)
"""


def mix(project_id: int, values: dict[str, Any], *, only: bool, run: bool = False) -> int | None:
    """A gold task for the person of `values` in their queue; None when there is none for them. `only`: the queue hands out
    nothing else; `run`: it is that of a qualification, which asks about frames too."""
    for _try in range(TRIES):
        task, there = sql.row(_MIX, {**values, "project": project_id, "only": only, "frames": run}) or (None, False)
        if task is not None or not there:
            return task
    return None


_COUNT = f"SELECT {unseen_by(_PERSON, _PROJECT, '%(most)s::int', frames=_FRAMES)}"


def unseen(project_id: int, person_id: int, most: int, *, run: bool) -> int:
    """How many items of gold the person could still be handed, in a run or elsewhere, counted up to `most`."""
    found = sql.row(_COUNT, {"project": project_id, "person": person_id, "most": most, "frames": run})
    return int(found[0]) if found is not None else 0

"""`next`: the task a person works on now (slot 0), or the one fetched ahead (slot 1).

One transaction per try: an advisory lock against the person's other tabs, then one statement that picks, locks and
leases. The pick's not-exists checks see the moment the statement began, so the unique constraint "one live lease per
task" is what decides between two takers; who loses tries again. A try that finds nothing is repeated from the start
of the order without SKIP LOCKED, and once more after filling the queue: only then is there truly nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from annotate.kernel import sql
from annotate.kernel.deadlocks import is_deadlock
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Missing
from annotate.people.actor import Actor
from annotate.queues import mixing, picking, requiring
from annotate.queues.fill import fill
from annotate.queues.leases import LONGEST
from annotate.queues.models import Lease, Queue
from annotate.queues.policies import SCOPES, may_claim, sees

TRIES = 200  # lost races in a row; each means that somebody else got a task

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %(person)s::text, 0)), " + ", ".join(
    f"set_config('{name}', 'off', true)" for name in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan")
)
# Who waits for one locked task after the other, in their order, holds those that turned out unfit: not against who locks all that
# wait by their ids (`fill.alone`).
_NOT_WHILE_FILLED = "SELECT pg_advisory_xact_lock_shared(hashtextextended('fill ' || %(queue)s::text, 0))"
CONTEXT = f"""
SELECT q.id, q.stage, q.state, q.lease_seconds, p.id, p.organisation_id, p.archived_at IS NOT NULL,
       (SELECT role FROM annotate_projectmember m WHERE m.project_id = p.id AND m.person_id = %(person)s::bigint),
       EXISTS (SELECT 1 FROM annotate_assignment WHERE queue_id = q.id),
       a.id IS NOT NULL,
       CASE WHEN a.paused THEN 'hand' ELSE coalesce((SELECT min(z.cause) FROM annotate_pause z WHERE z.person_id = %(person)s::bigint
           AND z.project_id = p.id AND (z.queue_id = q.id OR z.queue_id IS NULL)
           AND NOT {requiring.requalifies("z", "q.id")}), '') END,
       a.quota_day, a.quota_total,
       (SELECT id FROM annotate_schemaversion s WHERE s.project_id = p.id ORDER BY number DESC LIMIT 1),
       EXISTS (SELECT 1 FROM annotate_task t
               WHERE t.queue_id = q.id AND t.person_id = %(person)s::bigint AND t.state = 'returned'),
       q.overlap,
       (SELECT g.group_key FROM annotate_groupclaim g
        WHERE g.person_id = %(person)s::bigint AND g.queue_id = q.id AND g.expires_at > clock_timestamp()
        ORDER BY g.expires_at DESC LIMIT 1),
       (SELECT ARRAY[l.task_id, l.item_id, (t.state = 'returned')::int::bigint]
        FROM annotate_lease l JOIN annotate_task t ON t.id = l.task_id
        WHERE l.id = ANY(ARRAY(SELECT m.id FROM annotate_lease m
                               WHERE m.person_id = %(person)s::bigint AND m.queue_id = %(queue)s::bigint
                               ORDER BY m.id DESC LIMIT 4))
          AND l.slot = 0 AND (t.state = 'open' OR (t.state = 'returned' AND t.person_id = l.person_id AND q.stage = 'annotate'))
          AND (l.ended_by = 'expiry' OR (l.ended_at IS NULL AND l.expires_at <= clock_timestamp())
               OR (l.ended_by = 'release' AND EXISTS (
                   SELECT 1 FROM annotate_draft d WHERE d.task_id = l.task_id AND d.person_id = l.person_id)))
        ORDER BY l.id DESC LIMIT 1),
       EXISTS (SELECT 1 FROM annotate_task t
               WHERE t.queue_id = q.id AND t.person_id = %(person)s::bigint AND t.state = 'open'),
       {mixing.DUE},
       {requiring.lacking("%(person)s::bigint")},
       {requiring.RUN_OF},
       EXISTS (SELECT 1 FROM annotate_lease l
               WHERE l.person_id = %(person)s::bigint AND l.queue_id = q.id AND l.ended_at IS NULL)
FROM annotate_queue q
JOIN annotate_project p ON p.id = q.project_id
LEFT JOIN annotate_assignment a ON a.queue_id = q.id AND a.person_id = %(person)s::bigint
WHERE q.id = %(queue)s::bigint
"""
_OWN = """
SELECT l.id, l.slot, l.expires_at > clock_timestamp(), l.task_id, l.item_id, l.round, l.schema_version_id,
       l.annotation_id, l.created_at, l.expires_at,
       EXISTS (SELECT 1 FROM annotate_hold h WHERE h.item_id = l.item_id AND h.ended_at IS NULL),
       %(judges)s::bool AND EXISTS (SELECT 1 FROM annotate_task j WHERE j.id = l.task_id AND j.rejudges_id IS NULL) AND (
           EXISTS (SELECT 1 FROM annotate_annotation a JOIN annotate_annotation seen ON seen.id = l.annotation_id
                   WHERE a.item_id = l.item_id AND a.number > seen.number)
           OR EXISTS (SELECT 1 FROM annotate_task o JOIN annotate_queue k ON k.id = o.queue_id AND k.stage = 'annotate'
                      WHERE o.item_id = l.item_id AND o.annotation_id = l.annotation_id AND o.state = 'returned'))
FROM annotate_lease l
WHERE l.person_id = %(person)s::bigint AND l.queue_id = %(queue)s::bigint AND l.ended_at IS NULL
"""
_LOCK_TASKS = "SELECT id FROM annotate_task WHERE id = ANY(%(tasks)s::bigint[]) ORDER BY id FOR UPDATE"
_END = """
UPDATE annotate_lease SET ended_at = clock_timestamp(), ended_by = %(why)s::text
WHERE id = ANY(%(leases)s::bigint[]) AND ended_at IS NULL
"""
_PROMOTE = """
UPDATE annotate_lease SET slot = 0, expires_at = greatest(
    expires_at, least(clock_timestamp() + make_interval(secs => %(seconds)s::int), created_at + %(longest)s::interval))
WHERE id = %(lease)s::bigint AND ended_at IS NULL RETURNING expires_at
"""
_OTHERS = """
SELECT EXISTS (SELECT 1 FROM annotate_groupclaim WHERE queue_id = %(queue)s::bigint AND person_id <> %(person)s::bigint
               AND expires_at > clock_timestamp())
"""
_QUOTA = """
SELECT count(*) FILTER (WHERE state = 'answered'), count(*) FILTER (
    WHERE state = 'answered' AND answered_at >= date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')
FROM annotate_task WHERE queue_id = %(queue)s::bigint AND person_id = %(person)s::bigint
"""


class _Again:
    """Somebody else was faster; look anew."""


_AGAIN = _Again()


@dataclass(frozen=True)
class Context:
    queue_id: int
    stage: str
    state: str
    lease_seconds: int
    project_id: int
    organisation_id: int
    archived: bool
    role: str | None
    assigned_only: bool
    assigned: bool
    paused: str  # "", or the cause: hand, skill
    quota_day: int | None
    quota_total: int | None
    schema_version_id: int
    returned: bool
    overlap: int
    group: str | None
    begun: list[int] | None  # task, item and whether it is returned work: what slipped from the person's hands lately
    kept: bool
    gold: int  # whether this claim is to hand out gold: one of those in `mixing`
    lacking: list[int]  # qualifications that the queue asks for and the person has not
    run: int | None  # the qualification that the queue is the run of: it hands out gold only, and so many as it has questions
    holds: bool  # whether the person has a lease there that has not ended

    def leasing(self, slot: int) -> dict[str, Any]:
        """What the statements that lease a task want to know."""
        return {
            "slot": slot,
            "schema": self.schema_version_id,
            "seconds": self.lease_seconds,
            "overlap": self.overlap,
        }


def next_task(queue: Queue | int, actor: Actor, *, slot: int = 0, then: Callable[[Lease], object] | None = None) -> Lease | None:
    """The actor's lease in this slot: the live one they hold, else a new one; None when nothing is left for them. `then` is
    called with it as the last of its transaction, which it may end (`sql.rows(…, commits=True)`); a try that failed is forgotten.

    `Missing` for a queue they may not see, `Denied` when it is not theirs to work in or asks for a qualification that they
    have not (`not_qualified`), `Conflict` when it is paused, closed, or its project archived. What they had when their time ran out comes first if it is still free, then
    returned work, then what is kept for them, then the frames of the group they are in; frames of a group that others
    work through only when nothing else is left.
    """
    queue_id = queue if isinstance(queue, int) else int(queue.pk)
    others = False
    for wait, after_fill, alone in ((False, False, True), (True, False, True), (True, True, True), (True, False, False)):
        if after_fill:
            others = _others(queue_id, actor)  # and after it: what they keep from this look may run out before the end of it
            fill(queue_id, anew=False)
        if not alone and not (others or _others(queue_id, actor)):
            break
        for tried in range(TRIES):
            # Gold is drawn once a call, however often it is tried.
            found = _retried(queue_id, actor, slot, wait, alone, then, draws=tried == 0 and alone and not wait)
            if not isinstance(found, _Again):
                break
        else:
            raise Conflict(_("too many people take from this queue at once; try again"), code="busy")
        if found is not None:
            return found
    return None


def _others(queue_id: int, actor: Actor) -> bool:
    """Whether somebody else works through a group there."""
    found = sql.row(_OTHERS, {"queue": queue_id, "person": actor.person_id})
    return found is not None and bool(found[0])


def _retried(
    queue_id: int, actor: Actor, slot: int, wait: bool, alone: bool, then: Callable[[Lease], object] | None, *, draws: bool
) -> Lease | _Again | None:
    try:
        with transaction.atomic():
            if wait:
                sql.rows(_NOT_WHILE_FILLED, {"queue": queue_id})
            found = _attempt(queue_id, actor, slot, wait, alone, draws)
            if then is not None and isinstance(found, Lease):
                then(found)
            return found
    except OperationalError as error:
        if not is_deadlock(error):
            raise
        return _AGAIN


def _attempt(queue_id: int, actor: Actor, slot: int, wait: bool, alone: bool, draws: bool) -> Lease | _Again | None:
    values: dict[str, Any] = {"person": actor.person_id, "queue": queue_id}
    context = admitted(queue_id, actor, finishing=slot == 0)
    if context.paused:
        return _finishing(context, actor, values)
    only = context.gold == mixing.ONLY
    mixes = (only or (draws and context.gold == mixing.DRAWN_NOW)) and (
        context.run is None or requiring.may_draw(context.run, actor.person_id)
    )
    held = _held(context, actor, values, slot)
    if held is not None:
        return held
    return fresh(context, actor, values, slot, wait, alone, only=only, mixes=mixes)


def fresh(
    context: Context,
    actor: Actor,
    values: dict[str, Any],
    slot: int,
    wait: bool,
    alone: bool,
    *,
    only: bool,
    mixes: bool,
) -> Lease | _Again | None:
    """A lease that the person has not had."""
    values = values | context.leasing(slot)
    if context.returned:
        picked = sql.row(picking.returned(context.stage), values)
        if picked is not None:
            return _lease(context, actor, slot, picked)
    if quota_used(context, values):
        return None
    apart = only or context.group is None
    picked = _gold(context, values) if mixes and apart else None
    if picked is None and context.kept:
        picked = sql.row(picking.kept(context.stage, wait=wait), values)
    if picked is None and only and mixes and mixing.unseen(context.project_id, actor.person_id, 1, run=context.run is not None):
        return _AGAIN  # somebody else was handed the same gold at this moment
    picked = picked or _in_group(context, values)
    if picked is None and mixes and not apart:
        picked = _gold(context, values)
    picked = picked or sql.row(picking.statement(context.stage, wait=wait, alone=alone), values)
    return None if picked is None else _lease(context, actor, slot, picked)


def _gold(context: Context, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """An item whose truth is known, made theirs alone."""
    task = mixing.mix(context.project_id, values, only=context.gold == mixing.ONLY, run=context.run is not None)
    return None if task is None else sql.row(picking.one(context.stage, by="task"), values | {"task": task})


def _in_group(context: Context, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """The next frame of the group that the person works through, from where they are, and then from its begin."""
    if context.group is None:
        return None
    values = values | {"group": context.group, "project": context.project_id}
    ahead = sql.row(picking.in_group(context.stage, ahead=True), values)
    return ahead or sql.row(picking.in_group(context.stage, ahead=False), values)


def admitted(queue_id: int, actor: Actor, *, finishing: bool = False) -> Context:
    """The queue as the actor finds it, with the actor's other tabs locked out until the transaction ends. `finishing`: who is paused by
    a rule and holds something there is let in, with `paused` in the answer, to finish that and nothing else.

    `Missing`, `Denied` or `Conflict` when it is not theirs to take from now."""
    values = {"person": actor.person_id, "queue": queue_id}
    _locked, found = sql.together((LOCK, values), (CONTEXT, values))
    if not found:
        raise Missing()
    context = Context(*found[0])
    admit(context, actor, finishing=finishing and context.paused == "skill" and context.holds)
    return context


def admit(context: Context, actor: Actor, *, finishing: bool) -> None:
    """Raises, as `admitted` says, where the queue is not theirs to take from now."""
    organisation_role = actor.organisations.get(context.organisation_id)
    if organisation_role is None or (actor.project_id is not None and actor.project_id != context.project_id):
        raise Missing()
    role = "manager" if organisation_role in ("owner", "admin") else context.role
    if not sees(role, context.stage, assigned_only=context.assigned_only, assigned=context.assigned):
        raise Missing()
    actor.require_scope(*SCOPES[context.stage])
    require(
        may_claim(
            role,
            context.stage,
            assigned_only=context.assigned_only,
            assigned=context.assigned,
            paused="" if finishing else context.paused,
        )
    )
    if context.archived:
        raise Conflict(_("the project is in the archive"), code="archived")
    if context.state != "open":
        raise Conflict(_("this queue is %(state)s") % {"state": context.state}, code=f"queue_{context.state}")
    if context.lacking:
        raise requiring.refusal(actor.person_id, context.queue_id)


def _finishing(context: Context, actor: Actor, values: dict[str, Any]) -> Lease:
    """What somebody who is paused by a rule works on still; `Denied` when there is nothing."""
    rows = sql.rows(_OWN, values | {"judges": context.stage != "annotate"})
    row = next((row for row in rows if row[1] == 0 and row[2] and not row[11]), None)
    if row is None:
        admit(context, actor, finishing=False)
        raise Missing()  # not reached: the policy refuses who is paused
    return _own_lease(context, values, row)


def _held(context: Context, actor: Actor, values: dict[str, Any], slot: int) -> Lease | None:
    """The live lease that answers the call, if there is one; the person's expired ones are ended on the way."""
    own = {row[1]: row for row in sql.rows(_OWN, values | {"judges": context.stage != "annotate"})} if context.holds else {}
    # No verdict can be given any more on a revision that another has followed, or that its author has opened again.
    over = [row for row in own.values() if not row[2] or row[11]]
    own = {row[1]: row for row in own.values() if row not in over}
    promotes = slot == 0 and 0 not in own
    ahead = own.get(1)
    if promotes and ahead is not None and ahead[10]:
        over.append(own.pop(1))  # put on hold while it waited: not served
    if over:
        sql.rows(_LOCK_TASKS, {"tasks": [row[3] for row in over]})
        for row in over:
            sql.rows(_END, {"leases": [row[0]], "why": "move" if row[2] else "expiry"})
    if slot in own:
        return _own_lease(context, values, own[slot])
    if promotes and (back := _begun(context, actor, values)) is not None:
        return back
    if promotes and 1 in own:
        row = own[1]
        renewed = sql.row(_PROMOTE, {"lease": row[0], "seconds": context.lease_seconds, "longest": LONGEST})
        if renewed is not None:
            return _own_lease(context, values, (row[0], 0, *row[2:9], renewed[0]))
    return None


def _begun(context: Context, actor: Actor, values: dict[str, Any]) -> Lease | None:
    """What the person had when their time ran out, or left with a draft, under a new lease while nobody else has taken it:
    what was fetched ahead stays behind it."""
    if context.begun is None or quota_used(context, values):
        return None
    task, item, returned = context.begun
    statement = picking.ONE if returned else picking.one(context.stage, by="task")
    picked = sql.row(statement, values | context.leasing(0) | {"task": task, "item": item})
    found = None if picked is None else _lease(context, actor, 0, picked)
    return found if isinstance(found, Lease) else None


def _own_lease(context: Context, values: dict[str, Any], row: tuple[Any, ...]) -> Lease:
    return Lease(
        id=row[0],
        slot=row[1],
        task_id=row[3],
        item_id=row[4],
        round=row[5],
        schema_version_id=row[6],
        annotation_id=row[7],
        created_at=row[8],
        expires_at=row[9],
        queue_id=context.queue_id,
        person_id=values["person"],
    )


def quota_used(context: Context, values: dict[str, Any]) -> bool:
    if context.quota_day is None and context.quota_total is None:
        return False
    total, today = sql.row(_QUOTA, values) or (0, 0)
    return (context.quota_total is not None and total >= context.quota_total) or (
        context.quota_day is not None and today >= context.quota_day
    )


def _lease(context: Context, actor: Actor, slot: int, picked: tuple[Any, ...]) -> Lease | _Again:
    task_id, item_id, round_, annotation_id, lease_id, created_at, expires_at = picked
    if lease_id is None:
        return _AGAIN
    return Lease(
        id=lease_id,
        slot=slot,
        task_id=task_id,
        item_id=item_id,
        round=round_,
        schema_version_id=context.schema_version_id,
        annotation_id=annotation_id,
        created_at=created_at,
        expires_at=expires_at,
        queue_id=context.queue_id,
        person_id=actor.person_id,
    )

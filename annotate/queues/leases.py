"""What happens to a lease between its claim and its answer: renewed, released, skipped, ended.

Everyone who changes a lease locks its task first and then the lease (`lock`), so that nobody waits in a circle. A lease
lives until `expires_at` by the database's clock or until it is ended; its id is the fence.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel import sql
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from annotate.people.actor import Actor
from annotate.queues.policies import SCOPES, may_take
from annotate.queues.requiring import refuse_skip

LONGEST = dt.timedelta(hours=8)  # from its claim on, however often it is renewed

_LOCK = """
SELECT l.id, l.task_id, l.item_id, l.queue_id, l.person_id, l.slot, l.round, l.schema_version_id, l.annotation_id,
       l.ended_at IS NULL AND l.expires_at > clock_timestamp(), l.ended_by, t.state, t.annotation_id,
       q.stage, q.lease_seconds, p.id, p.organisation_id, p.archived_at IS NOT NULL, i.width, i.height, i.text,
       (SELECT m.role FROM annotate_projectmember m WHERE m.project_id = p.id AND m.person_id = l.person_id), t.gold,
       q.overlap, q.agreement_bar, q.overlap_most, i.state, t.rejudges_id
FROM annotate_lease l
JOIN annotate_task t ON t.id = l.task_id
JOIN annotate_queue q ON q.id = l.queue_id
JOIN annotate_project p ON p.id = q.project_id
JOIN annotate_item i ON i.id = l.item_id
WHERE l.id = %(lease)s::bigint
FOR UPDATE OF t, l
"""
_LOCK_WITH_ITEM = f"{_LOCK} FOR NO KEY UPDATE OF i"
_END = """
UPDATE annotate_lease SET ended_at = clock_timestamp(), ended_by = %(why)s::text
WHERE id = %(lease)s::bigint AND ended_at IS NULL
"""
_RENEW = """
WITH lasting AS (
    UPDATE annotate_groupclaim g SET expires_at = greatest(g.expires_at, clock_timestamp() + make_interval(secs => 2 * %(seconds)s::int))
    FROM annotate_lease l JOIN annotate_item i ON i.id = l.item_id
    WHERE l.id = %(lease)s::bigint AND g.queue_id = l.queue_id AND g.group_key = i.group_key AND g.person_id = l.person_id
)
UPDATE annotate_lease
SET expires_at = greatest(expires_at, least(clock_timestamp() + make_interval(secs => %(seconds)s::int), created_at + %(longest)s::interval))
WHERE id = %(lease)s::bigint RETURNING expires_at
"""
_SKIP = """
WITH passed AS (
    INSERT INTO annotate_skip (task_id, item_id, person_id, reason, created_at, settled)
    VALUES (%(task)s::bigint, %(item)s::bigint, %(person)s::bigint, %(reason)s::text, now(), '')
    ON CONFLICT (task_id, person_id) DO UPDATE SET reason = excluded.reason, created_at = excluded.created_at, settled = '',
        settled_at = NULL, settled_by_id = NULL
)
UPDATE annotate_task SET state = CASE WHEN gold THEN 'void' ELSE 'open' END, person_id = NULL, reserved_until = NULL
WHERE id = %(task)s::bigint AND (state = 'returned' OR state = 'open' AND person_id = %(person)s::bigint)
"""


@dataclass(frozen=True)
class Locked:
    """A lease with what its answer needs, its task and itself locked until the transaction ends.

    `live` says whether it may still be answered; `ended_by` why not ("" when it only ran out). `annotation_id` is the
    revision that it pins, `task_annotation_id` the one its task names now.
    """

    id: int
    task_id: int
    item_id: int
    queue_id: int
    person_id: int
    slot: int
    round: int
    schema_version_id: int
    annotation_id: int | None
    live: bool
    ended_by: str
    task_state: str
    task_annotation_id: int | None
    stage: str
    lease_seconds: int
    project_id: int
    organisation_id: int
    archived: bool
    width: int | None
    height: int | None
    text: str | None
    role: str | None
    gold: bool
    overlap: int
    agreement_bar: float | None
    overlap_most: int | None
    item_state: str
    rejudges: int | None


def lock(lease_id: int, actor: Actor, *, item: bool = False) -> Locked:
    """The actor's own lease, locked; with `item` its item too, for who writes a revision of it. `Missing` for anyone else's, `Denied` when the role or token no longer reaches it.

    Call inside a transaction. Whether it is live is for the caller to ask (`require_live`).
    """
    found = sql.row(_LOCK_WITH_ITEM if item else _LOCK, {"lease": lease_id})
    if found is None:
        raise Missing()
    locked = Locked(*found)
    organisation_role = actor.organisations.get(locked.organisation_id)
    bound = actor.project_id is not None and actor.project_id != locked.project_id
    if locked.person_id != actor.person_id or organisation_role is None or bound:
        raise Missing()
    actor.require_scope(*SCOPES[locked.stage])
    require(may_take("manager" if organisation_role in ("owner", "admin") else locked.role, locked.stage))
    return locked


def ended(locked: Locked) -> Conflict:
    """The refusal of a lease that is over, in words that say what became of it."""
    words = {
        "submit": _("this was submitted already"),
        "review": _("this was reviewed already"),
        "skip": _("you skipped this"),
        "release": _("you gave this back"),
        "ask": _("this waits for an answer to your question"),
        "dispute": _("this waits for somebody to decide about your dispute"),
        "move": _("this was taken back"),
        "step": _("you went on to another frame"),
        "erase": _("this was erased"),
    }
    why = words.get(locked.ended_by, _("the time for this ran out; it may be with someone else now"))
    return Conflict(why, code="lease_ended", extra={"ended_by": locked.ended_by or "expiry"})


def refusal(locked: Locked) -> Conflict | None:
    """Why the lease can no longer be answered, or None when it can."""
    if not locked.live:
        return ended(locked)
    if locked.archived:
        return Conflict(_("the project is in the archive"), code="archived")
    return None


def require_live(locked: Locked) -> Locked:
    """The lease itself when it may still be answered, else `Conflict`."""
    if (why := refusal(locked)) is not None:
        raise why
    return locked


def end(lease_id: int, why: str) -> None:
    """End a locked lease: `why` is submit, review, skip, release, move, ask, dispute or step."""
    sql.rows(_END, {"lease": lease_id, "why": why})


@transaction.atomic
def renew(lease_id: int, actor: Actor) -> dt.datetime:
    """Another lifetime from now on, never past `LONGEST` after the claim; `Conflict` when it is over."""
    locked = require_live(lock(lease_id, actor))
    found = sql.row(_RENEW, {"lease": lease_id, "seconds": locked.lease_seconds, "longest": LONGEST})
    if found is None:
        raise Missing()
    expires: dt.datetime = found[0]
    return expires


@transaction.atomic
def release(lease_id: int, actor: Actor) -> None:
    """Give the task back; a lease that is over already stays as it is."""
    if lock(lease_id, actor).live:
        end(lease_id, "release")


@transaction.atomic
def skip(lease_id: int, actor: Actor, *, reason: str = "") -> None:
    """Pass on the task: it is not served to this person again in this round. Returned work, and what
    was kept for them, goes to others."""
    reason = check_text(reason).strip()
    if len(reason) > 500:
        raise Invalid(_("A reason has at most 500 characters."), fields={"reason": "too long"})
    locked = require_live(lock(lease_id, actor))
    if locked.gold:
        refuse_skip(locked.task_id)
    end(lease_id, "skip")
    sql.rows(_SKIP, {"task": locked.task_id, "item": locked.item_id, "person": locked.person_id, "reason": reason})
    record(
        actor,
        "task.skip",
        ("task", locked.task_id),
        organisation=locked.organisation_id,
        project=locked.project_id,
        data={"item": locked.item_id, "lease": lease_id},
    )


def require_stage(locked: Locked, *stages: str) -> Locked:
    """The lease itself when its queue is of one of these stages, else `Denied`."""
    if locked.stage not in stages:
        raise Denied(_("this lease is for another kind of work"), code="wrong_stage")
    return locked

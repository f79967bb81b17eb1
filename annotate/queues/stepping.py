"""From one frame of a group to another without an answer: the draft stays, the frame waits for who began it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.kernel import sql
from annotate.kernel.errors import Conflict, Missing
from annotate.people.actor import Actor
from annotate.queues import picking
from annotate.queues.claim import admitted, quota_used
from annotate.queues.leases import LONGEST, end, lock, require_live
from annotate.queues.models import Lease
from annotate.queues.reopening import reopen

_LEASE = "SELECT l.queue_id FROM annotate_lease l WHERE l.id = %(lease)s::bigint AND l.person_id = %(person)s::bigint"
_LOCK_TASKS = """
SELECT t.id FROM annotate_task t
WHERE t.id IN (SELECT l.task_id FROM annotate_lease l WHERE l.person_id = %(person)s::bigint
               AND l.queue_id = %(queue)s::bigint AND l.ended_at IS NULL)
   OR t.item_id = %(item)s::bigint
ORDER BY t.id FOR UPDATE
"""
_SAME_GROUP = """
SELECT 1 FROM annotate_item i JOIN annotate_item here ON here.id = %(here)s::bigint
WHERE i.id = %(item)s::bigint AND i.project_id = here.project_id AND i.group_key = here.group_key
  AND i.group_key <> '' AND i.frame IS NOT NULL AND here.frame IS NOT NULL AND NOT %(gold)s::bool
"""
_AHEAD = """
UPDATE annotate_lease SET slot = 0, expires_at = greatest(expires_at, least(
    clock_timestamp() + make_interval(secs => %(seconds)s::int), created_at + %(longest)s::interval))
WHERE person_id = %(person)s::bigint AND queue_id = %(queue)s::bigint AND item_id = %(item)s::bigint
  AND ended_at IS NULL AND expires_at > clock_timestamp() AND slot = 1
RETURNING id
"""
_OWN = """
SELECT id, state FROM annotate_task
WHERE item_id = %(item)s::bigint AND queue_id = %(queue)s::bigint AND person_id = %(person)s::bigint
  AND state IN ('answered', 'returned') ORDER BY round DESC LIMIT 1
"""
# A draft that was begun under a task which another took meanwhile goes on under the one that the person got.
_BRING = """
UPDATE annotate_draft d SET task_id = %(task)s::bigint
FROM annotate_task t
WHERE d.person_id = %(person)s::bigint AND t.id = d.task_id AND t.item_id = %(item)s::bigint
  AND t.queue_id = %(queue)s::bigint AND t.id <> %(task)s::bigint
  AND NOT EXISTS (SELECT 1 FROM annotate_draft o WHERE o.task_id = %(task)s::bigint AND o.person_id = d.person_id)
RETURNING d.id
"""


@transaction.atomic
def step(lease_id: int, actor: Actor, *, item_id: int) -> Lease:
    """A lease (slot 0) on another frame of the same group, for the one at hand; what was fetched ahead stays so.

    An answer of one's own is opened again. `Missing` when the item is no frame of that group, or what is at hand stands alone, `Conflict` (`frame_away`)
    when the frame is not to be had, or the day's quota is used up.
    """
    found = sql.row(_LEASE, {"lease": lease_id, "person": actor.person_id})
    if found is None:
        raise Missing()
    context = admitted(found[0], actor)
    values: dict[str, Any] = {"person": actor.person_id, "queue": found[0], "item": item_id}
    sql.rows(_LOCK_TASKS, values)
    here = require_live(lock(lease_id, actor))
    if sql.row(_SAME_GROUP, values | {"here": here.item_id, "gold": here.gold}) is None:
        raise Missing()
    if here.item_id == item_id:
        return Lease.objects.get(pk=lease_id)
    end(here.id, "step")
    values |= context.leasing(0) | {"longest": LONGEST}
    ahead = sql.row(_AHEAD, values)
    if ahead is not None:
        return Lease.objects.get(pk=ahead[0])
    own = sql.row(_OWN, values)
    if own is not None and own[1] == "answered":
        return reopen(own[0], actor, room=False)
    if own is not None:
        picked = sql.row(picking.ONE, values | {"task": own[0]})
    elif quota_used(context, values):
        raise Conflict(_("your share of this queue is done; what you have begun can be submitted"), code="quota_used")
    else:
        picked = sql.row(picking.one(context.stage, by="item"), values)
    if picked is None or picked[4] is None:
        raise Conflict(_("this frame is with somebody else, or held back"), code="frame_away")
    sql.rows(_BRING, values | {"task": picked[0]})
    return Lease.objects.get(pk=picked[4])

"""Taking back what somebody holds: the task is free at once, what they drew stays as their draft."""

from __future__ import annotations

from django.db import transaction

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects.policies import may_manage
from annotate.queues.leases import end
from annotate.queues.models import GroupClaim, Lease, Queue, Task


@transaction.atomic
def take_back(queue: Queue, lease_id: int, *, by: Actor) -> Lease:
    """End a live lease of the queue; one that is over stays as it ended. `Missing` for a lease of another queue."""
    require(may_manage(by, queue.project))
    found = Lease.objects.filter(pk=lease_id, queue=queue).select_related("person", "item").first()
    if found is None:
        raise Missing()
    Task.objects.select_for_update(of=("self",)).get(pk=found.task_id)  # tasks before leases, as everybody does
    found.refresh_from_db(fields=["ended_at", "ended_by"])
    if found.ended_at is not None:
        return found
    end(found.pk, "move")
    if found.item.frame is not None:
        GroupClaim.objects.filter(queue=queue, group=found.item.group, person_id=found.person_id).delete()
    record(
        by,
        "lease.take",
        ("lease", found.pk),
        organisation=queue.project.organisation_id,
        project=queue.project,
        data={"item": found.item_id, "person": found.person_id, "queue": queue.pk},
    )
    found.refresh_from_db(fields=["ended_at", "ended_by"])
    return found

"""Hand-outs as the actor may see them: those of projects that they manage."""

from __future__ import annotations

from django.db.models import QuerySet

from annotate.items import queries as items
from annotate.items.collecting import Portion
from annotate.items.collecting import portions as portions_of
from annotate.items.models import Batch
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.policies import may_manage
from workflows.assignment.models import Handing


def managed_batch(actor: Actor, batch_id: int) -> Batch:
    """A batch whose project the actor manages: `Missing` when they cannot see it, `Denied` when they may not."""
    batch = items.get_batch(actor, batch_id)
    require(may_manage(actor, batch.project))
    return batch


def handings(batch: Batch) -> QuerySet[Handing]:
    """All hand-outs of the batch; for who manages it."""
    return Handing.objects.filter(batch=batch).select_related("queue", "created_by", "undone_by", "team", "job")


def get(actor: Actor, handing_id: int) -> Handing:
    """The hand-out, or `Missing`; `Denied` for who sees the batch and does not manage it."""
    found = Handing.objects.filter(pk=handing_id).select_related("batch__project", "queue", "team", "created_by", "undone_by", "job").first()
    if found is None:
        raise Missing()
    managed_batch(actor, found.batch_id)
    return found


def portions(actor: Actor) -> list[Portion]:
    """What the actor is to collect, over all projects where they are a collector."""
    collected = [pk for pk, held in projects.roles(actor).items() if held == "collector"]
    rows = projects.visible(actor).filter(pk__in=collected, archived_at=None).order_by("name", "id")
    return [portion for project in rows for portion in portions_of(actor, project)]

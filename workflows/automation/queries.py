"""Flows, switches and batches on their way as the actor may see them."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from annotate.items import queries as items
from annotate.items.models import Batch
from annotate.kernel.decisions import require
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project
from workflows.automation.models import Passage, Step, Stop, Switch
from workflows.automation.policies import may_see
from workflows.automation.states import KINDS


def project_of(actor: Actor, project_id: int) -> Project:
    """The project, for those who see its flow: `Missing` when it is not theirs, `Denied` when its flow is not."""
    found = projects.get(actor, project_id)
    require(may_see(actor, found))
    return found


def batch_of(actor: Actor, batch_id: int) -> Batch:
    """The same for a batch."""
    found = items.get_batch(actor, batch_id)
    require(may_see(actor, found.project))
    return found


def switches(project: Project) -> list[Switch]:
    """One of each kind, those that were never touched too."""
    rows = {row.kind: row for row in Switch.objects.filter(project=project).select_related("person")}
    return [rows.get(kind) or Switch(project=project, kind=kind) for kind in KINDS]


def stop_of(project: Project, batch: Batch | None = None) -> Stop | None:
    """What stops the project, or this batch alone."""
    return Stop.objects.filter(project=project, batch=batch, ended_at=None).select_related("created_by").first()


def passages(project: Project, *, live: bool = True) -> QuerySet[Passage]:
    """Batches on their way, or all ways that batches went, with their steps."""
    steps = Prefetch("steps", Step.objects.select_related("person", "check_run", "queue", "round", "version"))
    rows = Passage.objects.filter(batch__project=project)
    return (rows.filter(ended_at=None) if live else rows).select_related("batch", "flow").prefetch_related(steps)


def newest(batch: Batch) -> Passage | None:
    """The way that the batch is on, or went last."""
    return Passage.objects.filter(batch=batch).select_related("batch__project", "flow").order_by("-number").first()

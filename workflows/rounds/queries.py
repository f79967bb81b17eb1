"""Rounds as the actor may see them."""

from __future__ import annotations

from django.db.models import QuerySet

from annotate.items import queries as items
from annotate.items.models import Batch
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project
from workflows.rounds import policies
from workflows.rounds.models import Round, RoundItem

_WITH = ("batch__project", "queue", "created_by", "decided_by", "job", "after", "next")


def batch_of(actor: Actor, batch_id: int) -> Batch:
    """The batch, for those who see its rounds: `Missing` when it is not theirs to see, `Denied` when its rounds are not."""
    found = items.get_batch(actor, batch_id)
    require(policies.may_see(actor, found.project))
    return found


def rounds(batch: Batch) -> QuerySet[Round]:
    return Round.objects.filter(batch=batch).select_related(*_WITH)


def of_project(project: Project) -> QuerySet[Round]:
    return Round.objects.filter(batch__project=project).select_related(*_WITH)


def get(actor: Actor, round_id: int) -> Round:
    """The round, or `Missing`; `Denied` for who sees the batch and not its rounds."""
    found = Round.objects.filter(pk=round_id).select_related(*_WITH).first()
    if found is None:
        raise Missing()
    batch_of(actor, found.batch_id)
    return found


def members(made: Round) -> QuerySet[RoundItem]:
    """Its items, sampled or not, but for those that were erased since."""
    return RoundItem.objects.filter(round=made).exclude(item__state="erased").select_related("item", "person", "annotation", "review__person")


def project_of(actor: Actor, project_id: int) -> Project:
    """The project, for those who see its rounds."""
    found = projects.get(actor, project_id)
    require(policies.may_see(actor, found))
    return found

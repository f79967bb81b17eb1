"""Qualifications as a person may see them, who has one, and how runs went."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotate.gold.models import Gold
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import role
from annotate.qualifications.models import Qualification, Qualified, QualifyingRun, Requirement
from annotate.qualifications.policies import SEES


def visible(actor: Actor, project: Project) -> QuerySet[Qualification]:
    """Each with `people`, how many have it, `running`, how many are in its run, and `queues_asking`, how many queues ask for it."""
    rows = Qualification.objects.filter(project=project).select_related("queue")
    if role(actor, project) not in SEES:
        return rows.none()
    asking = Requirement.objects.filter(qualification=OuterRef("pk")).order_by().values("qualification").annotate(n=Count("pk")).values("n")
    return rows.annotate(
        people=Count("qualified", filter=Q(qualified__ended_at=None), distinct=True),
        running=Count("runs", filter=Q(runs__state="running"), distinct=True),
        queues_asking=Coalesce(Subquery(asking), 0),
    )


def get(actor: Actor, qualification_id: int) -> Qualification:
    """The qualification with its project, as `visible` gives it, or `Missing`."""
    found = Qualification.objects.select_related("project").filter(pk=qualification_id).first()
    if found is None:
        raise Missing()
    shown = visible(actor, found.project).filter(pk=found.pk).first()
    if shown is None:
        raise Missing()
    shown.project = found.project
    return shown


def managed(actor: Actor, qualification_id: int) -> Qualification:
    """`Denied` for who sees it and does not manage the project."""
    found = get(actor, qualification_id)
    require(may_manage(actor, found.project))
    return found


def holders(qualification: Qualification) -> QuerySet[Qualified]:
    """Who has it now."""
    return Qualified.objects.filter(qualification=qualification, ended_at=None).select_related("person", "given_by")


def attempts(qualification: Qualification) -> QuerySet[QualifyingRun]:
    """Its runs."""
    return QualifyingRun.objects.filter(qualification=qualification).select_related("person")


def gold_there(project: Project) -> int:
    """How many items a run could ask somebody about who has seen none of them."""
    held = Exists(Gold.objects.filter(pk=OuterRef("pk"), item__holds__isnull=False, item__holds__ended_at=None))
    return Gold.objects.filter(~held, project=project, state="active").exclude(item__state="erased").count()

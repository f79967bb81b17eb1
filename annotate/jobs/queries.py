"""Jobs as the actor may see them: their own, those of projects they manage, all of organisations they administer."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from annotate.jobs.models import Job, JobReportLine
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor


def _reach(actor: Actor) -> Q:
    administered = [pk for pk, role in actor.organisations.items() if role in ("owner", "admin")]
    managed = Q(project__members__person_id=actor.person_id, project__members__role="manager")
    return Q(created_by_id=actor.person_id) | Q(organisation_id__in=administered) | managed


def visible(actor: Actor) -> QuerySet[Job]:
    """Newest first is `-id`. A token bound to a project sees that project's only."""
    seen = Job.objects.filter(_reach(actor), organisation_id__in=actor.organisations).values("pk")
    rows = Job.objects.filter(pk__in=seen).select_related("created_by", "project")
    return rows.filter(project_id=actor.project_id) if actor.project_id is not None else rows


def get(actor: Actor, job_id: int) -> Job:
    """The job, or `Missing`."""
    found = visible(actor).filter(pk=job_id).first()
    if found is None:
        raise Missing()
    return found


def report(job: Job) -> QuerySet[JobReportLine]:
    return JobReportLine.objects.filter(job=job).order_by("id")

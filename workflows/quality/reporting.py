"""Agreement of a project as it is asked for: at once of a small one; of a large one as a job measured it last, with when that was."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.items.models import Batch
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_view
from workflows.quality import agreeing
from workflows.quality.models import QualityReport
from workflows.quality.overlapped import items_of

JOB = "quality.agreement"
FRESH = 3600  # seconds after which who asks has it measured anew


def agreement(project: Project, *, measure: str = "alpha", by: str = "label", batch: int | None = None, actor: Actor) -> dict[str, Any] | Job:
    """{measure, by, batch, measured_at, results}, or the job that measures a large project for the first time. `Invalid` names what
    does not fit; `Denied` for who does not see every item."""
    require(may_view(actor, project))
    wrong = {}
    if measure not in agreeing.MEASURES:
        wrong["measure"] = f"one of {', '.join(agreeing.MEASURES)}"
    if by not in agreeing.BY:
        wrong["by"] = f"one of {', '.join(agreeing.BY)}"
    if batch is not None and not Batch.objects.filter(pk=batch, project=project).exists():
        wrong["batch"] = _("the project has no such batch")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    if len(items_of(project.pk)) <= agreeing.AT_ONCE:
        return {**_asked(measure, by, batch), "measured_at": timezone.now(), "results": _measure(project, measure, by, batch)}
    kept = QualityReport.objects.filter(project=project, about=_about(measure, by, batch)).first()
    if kept is None or (timezone.now() - kept.measured_at).total_seconds() > FRESH:
        job = _order(project, measure, by, batch, actor)
        if kept is None:
            return job
    return {**_asked(measure, by, batch), "measured_at": kept.measured_at, "results": kept.result["results"]}


def keep(project: Project, *, measure: str, by: str, batch: int | None) -> dict[str, Any]:
    """The job's part; again it measures anew."""
    results = _measure(project, measure, by, batch)
    values = {"result": {"results": results}, "measured_at": DatabaseNow()}
    QualityReport.objects.update_or_create(project=project, about=_about(measure, by, batch), defaults=values)
    return {**_asked(measure, by, batch), "rows": len(results)}


@transaction.atomic
def _order(project: Project, measure: str, by: str, batch: int | None, actor: Actor) -> Job:
    about = {"project": project.pk, **_asked(measure, by, batch)}
    return enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=actor, arguments=about, key=f"agreement {project.pk} {_about(measure, by, batch)}")


def _measure(project: Project, measure: str, by: str, batch: int | None) -> list[dict[str, Any]]:
    return agreeing.measure(project, agreeing.overlapped(project, batch), measure, by)


def _asked(measure: str, by: str, batch: int | None) -> dict[str, Any]:
    return {"measure": measure, "by": by, "batch": batch}


def _about(measure: str, by: str, batch: int | None) -> str:
    return f"agreement {measure} {by} {batch or ''}".strip()

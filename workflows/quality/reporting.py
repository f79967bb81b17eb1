"""Agreement and confusion of a project as they are asked for: at once of a small one; of a large one as a job measured them last, with
when that was. A job matches only what changed since anybody measured, and goes on where it was if it is cut off."""

from __future__ import annotations

import datetime as dt
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
from workflows.quality import agreeing, confused, parts
from workflows.quality.kept import Say
from workflows.quality.models import QualityReport
from workflows.quality.overlapped import items_of

JOB = "quality.agreement"
CONFUSION = "quality.confusion"
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
    _refuse(wrong | _no_batch(project, batch))
    if len(items_of(project.pk)) <= agreeing.AT_ONCE:
        parts.refresh(project)
        return {**_asked(measure, by, batch), "measured_at": timezone.now(), "results": agreeing.measure(project, measure, by, batch=batch)}
    kept = QualityReport.objects.filter(project=project, about=_about(measure, by, batch)).first()
    if _old(kept.measured_at if kept else None):
        about = _asked(measure, by, batch)
        job = _order(JOB, project, about, _about(measure, by, batch), actor)
        if kept is None:
            return job
    assert kept is not None
    return {**_asked(measure, by, batch), "measured_at": kept.measured_at, "results": kept.result["results"]}


def keep(project: Project, say: Say, *, measure: str, by: str, batch: int | None) -> dict[str, Any]:
    """The job's part: what changed is matched, then all is measured."""
    matched = parts.refresh(project, say)
    results = agreeing.measure(project, measure, by, batch=batch)
    values = {"result": {"results": results}, "measured_at": DatabaseNow()}
    QualityReport.objects.update_or_create(project=project, about=_about(measure, by, batch), defaults=values)
    return {**_asked(measure, by, batch), "rows": len(results), "matched": matched}


def confusion(project: Project, *, of: str = "people", batch: int | None = None, about: str = "", actor: Actor) -> confused.Matrix | Job:
    """The matrix, or the job that compares a large project for the first time. Errors as `agreement`."""
    allow(project, of=of, batch=batch, actor=actor)
    found = confused.matrix(project, of=of, batch=batch, about=about)
    if _old(found.measured_at):
        job = _order(CONFUSION, project, {"of": of}, confused.about_of(of), actor)
        if found.measured_at is None:
            return job
    return found


def allow(project: Project, *, of: str, batch: int | None, meant: str | None = "", given: str | None = "", actor: Actor) -> None:
    """`Denied` for who does not see every item; `Invalid` names what does not fit."""
    require(may_view(actor, project))
    wrong = {} if of in confused.OF else {"of": f"one of {', '.join(confused.OF)}"}
    if meant is None and given is None:
        wrong["meant"] = _("a label that was meant, or given, or both")
    _refuse(wrong | _no_batch(project, batch))


def compare(project: Project, say: Say, *, of: str) -> dict[str, Any]:
    """The job's part."""
    found = confused.measure(project, of, say)
    return {"of": of, "items": sum(items for items, _answers in found.compared.values()), "answers": sum(answers for _items, answers in found.compared.values())}


@transaction.atomic
def _order(kind: str, project: Project, asked: dict[str, Any], about: str, actor: Actor) -> Job:
    key = f"{'agreement ' if kind == JOB else ''}{project.pk} {about}"
    return enqueue(kind, organisation_id=project.organisation_id, project_id=project.pk, by=actor, arguments={"project": project.pk, **asked}, key=key)


def _old(measured_at: dt.datetime | None) -> bool:
    return measured_at is None or (timezone.now() - measured_at).total_seconds() > FRESH


def _refuse(wrong: dict[str, Any]) -> None:
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _no_batch(project: Project, batch: int | None) -> dict[str, Any]:
    there = batch is None or Batch.objects.filter(pk=batch, project=project).exists()
    return {} if there else {"batch": _("the project has no such batch")}


def _asked(measure: str, by: str, batch: int | None) -> dict[str, Any]:
    return {"measure": measure, "by": by, "batch": batch}


def _about(measure: str, by: str, batch: int | None) -> str:
    return f"agreement {measure} {by} {batch or ''}".strip()

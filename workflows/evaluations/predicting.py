"""Predictions on their way to figures: bytes that wait for a job, and the evaluation that the job writes whole, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Item
from annotate.jobs.models import Job
from annotate.jobs.services import Work, enqueue
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.media import store
from annotate.people.actor import Actor
from workflows.collection.waiting import Waiting, drop
from workflows.evaluations import metrics as figures
from workflows.evaluations.asked import FORMATS, Asked, asked
from workflows.evaluations.gathering import gathered
from workflows.evaluations.models import Evaluation, Suspect
from workflows.evaluations.queries import schema_for
from workflows.evaluations.services import named, split_of
from workflows.releases import policies
from workflows.releases.models import Version
from workflows.releases.tombstones import lock_project

if TYPE_CHECKING:
    from workflows.evaluations.suspecting import Suspect as Found

MEASURE = "evaluation.measure"


def prepared(version: Version, given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """The job's arguments but for the bytes, before any byte is taken. `given`: model, run, split, metrics, threshold, confident, uncovered
    and by, as they came. `Invalid` names the field; `Conflict` when the version is not frozen."""
    require(policies.may_pull(by, version))
    if version.number is None:
        raise Conflict(_("this version is not frozen"), code="not_frozen")
    how = asked(given, split=split_of(version, given.get("split", "")), answers=schema_for(version).item)
    return {
        "version": version.pk,
        "model": named(given.get("model", ""), "model", needed=True),
        "run": named(given.get("run", ""), "run"),
        "metrics": figures.sound(given["metrics"]) if given.get("metrics") is not None else None,
        "how": {"split": how.split, "threshold": how.threshold, "confident": how.confident, "uncovered": how.uncovered, "by": list(how.by)},
    }


@transaction.atomic
def predict(version: Version, prepared: Mapping[str, Any], kept: Waiting, *, form: str, by: Actor) -> Job:
    """The job that measures what waits in storage; the bytes are its own from now on. `form` is "ndjson" or "coco"."""
    require(policies.may_pull(by, version))
    if form not in FORMATS:
        raise Invalid(f"format: one of {', '.join(FORMATS)}", fields={"format": f"one of {', '.join(FORMATS)}"})
    if not kept.size:
        raise Invalid(_("there is no prediction"), fields={"predictions": "at least one"})
    project = version.dataset.project
    return enqueue(
        MEASURE, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments={**prepared, "stored": kept.stored, "form": form, "sha256": kept.sha256.hex()}
    )


def carry_out(work: Work, version: Version) -> int:
    """The evaluation of this job: measured, unless an attempt that was killed afterwards has written it already."""
    from workflows.evaluations.measuring import measured  # numpy, which idle processes do without

    known = Evaluation.objects.filter(job_id=work.job_id).values_list("pk", flat=True).first()
    if known is not None:
        return int(known)
    schema, how = schema_for(version), Asked(**{**work.arguments["how"], "by": tuple(work.arguments["how"]["by"])})
    total = int(version.counts.get("items") or 0)
    with _opened(work.arguments["stored"]) as file, gathered(file, work.arguments["form"], schema, lambda lines: work.progress(0, total)) as found:
        seen = found.seen
        for place, code, detail in seen.faults:
            work.report(place, code, detail)
        if seen.faults:
            place, _code, detail = seen.faults[0]
            raise Invalid(_("%(place)s: %(detail)s (%(n)d wrong in all; nothing was measured)") % {"place": place, "detail": detail, "n": seen.wrong})
        if not seen.lines:
            raise Invalid(_("there is no prediction"))
        report, suspects = measured(version, found, how, schema, lambda rows: work.progress(rows, max(total, rows)))
        for key in found.strangers(20) if report["lines"]["unknown_keys"] else ():
            work.report(key, "unknown_key", "the version has no such item")
    return _write(work, version, report, suspects).pk


def _opened(stored: str) -> Any:
    if not store.exists(stored):
        raise Invalid(_("the predictions have gone: send them again"))
    return store.local(stored)


@transaction.atomic
def _write(work: Work, version: Version, report: dict[str, Any], suspects: Sequence[Found]) -> Evaluation:
    """All of it, or nothing; no suspect of an item that was erased meanwhile, for an erasure waits here or has been waited for."""
    from workflows.evaluations import reporting

    project, arguments = version.dataset.project, work.arguments
    lock_project(project.pk)
    work.save_report()
    numbers = reporting.numbers(report) | ({"given": arguments["metrics"]} if arguments["metrics"] else {})
    made = Evaluation.objects.create(
        version=version,
        model=arguments["model"],
        run=arguments["run"],
        split=arguments["how"]["split"],
        metrics=numbers,
        report=report,
        job_id=work.job_id,
        created_by=work.by.person if work.by else None,
    )
    living = set(Item.objects.filter(pk__in={one.item for one in suspects}).exclude(state="erased").values_list("pk", flat=True))
    Suspect.objects.bulk_create(
        Suspect(
            evaluation=made, rank=rank, item_id=one.item, kind=one.kind, label=one.label, said=one.said, about=one.about, drawn=one.drawn, shape=one.shape, score=one.score
        )
        for rank, one in enumerate((one for one in suspects if one.item in living), start=1)
    )
    data = {"version": version.pk, "number": version.number, "model": made.model, "items": report["items"]["measured"]}
    record(work.by, "evaluation.report", made, organisation=project.organisation_id, project=project, after=version.root, data=data)
    return made


def end(stored: str) -> None:
    """The job has what it wanted, or never will: the bytes go."""
    drop([stored])

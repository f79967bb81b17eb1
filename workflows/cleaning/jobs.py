"""Background work of cleaning: measuring what came in, checking, acting on what was found."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.items.models import Batch
from annotate.jobs.services import Cancelled, Work, enqueue, handler, links
from annotate.jobs.words import KINDS
from annotate.kernel.errors import Conflict, Missing, SluiceError
from annotate.people.actor import Actor
from annotate.projects.models import Project
from workflows.cleaning import applying, gates, running, to_queues
from workflows.cleaning.scope import Scope
from workflows.collection.arriving import arrived

MEASURE = "cleaning.measure"


@arrived.register("measure")
def on_arrival(batch: Batch, by: Actor | None) -> None:
    """Items came: their facts are measured, and a gate that was open for those before waits."""
    project = batch.project
    about = {"project": project.pk, "batch": batch.pk}
    enqueue(MEASURE, organisation_id=project.organisation_id, project_id=project.pk, by=by, arguments=about, key=f"measure batch {batch.pk}")
    gates.judge(batch.pk)


@handler(MEASURE, resumes=True)
def measure(work: Work) -> dict[str, Any]:
    from workflows.cleaning import measuring  # numpy, which an idle process does without

    scope = Scope(_project(work.arguments["project"]), work.arguments["batch"])
    total = measuring.missing(scope)
    return {"measured": measuring.measure(scope, lambda done: work.progress(min(done, total), total))}


def _project(project_id: int) -> Project:
    found = Project.objects.filter(pk=project_id).first()
    if found is None:
        raise Missing()
    return found


@handler(running.JOB, resumes=True)
def check(work: Work) -> dict[str, Any]:
    run_id = work.arguments["run"]
    try:
        run = running.carry_out(work, run_id)
        if run.state == "checked" and run.apply_at_once:
            if work.by is None:
                raise Conflict("the person who asked for this has gone")
            run = applying.apply(run, by=work.by)
            if run.state == "applying":
                run = applying.carry_out(run_id)
        else:
            gates.judge_after(run)
    except (Cancelled, SluiceError):
        running.failed(run_id)
        raise
    return {"check_run": run_id}


@handler(applying.JOB, resumes=True)
def act(work: Work) -> dict[str, Any]:
    run = applying.carry_out(work.arguments["run"], work.progress)
    return {"check_run": run.pk}


@handler(to_queues.JOB, resumes=True)
def send(work: Work) -> dict[str, Any]:
    batch = Batch.objects.select_related("project").filter(pk=work.arguments["batch"]).first()
    if batch is None:
        raise Missing()
    to_queues.send_waiting(batch)
    return {"batch": batch.pk}


def _link(job: Any) -> dict[str, str]:
    run = job.arguments.get("run")
    return {"check_run": f"/api/v1/check-runs/{run}"} if run else {}


links.add(running.JOB, _link)
links.add(applying.JOB, _link)
KINDS[MEASURE] = gettext_lazy("Measuring of new items")
KINDS[running.JOB] = gettext_lazy("Check of the rules")
KINDS[applying.JOB] = gettext_lazy("Acting on findings")
KINDS[to_queues.JOB] = gettext_lazy("Sending to queues what waited for a gate")

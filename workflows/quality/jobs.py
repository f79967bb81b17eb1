"""Measuring gold by the clock: too little at a time, and too often, for background work that somebody looks at. And what is such work."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.models import Job
from annotate.jobs.services import Work, handler, links
from annotate.jobs.words import KINDS
from annotate.kernel.registry import ticks
from annotate.projects.models import Project
from workflows.quality import concluding, gold, reporting, undoing
from workflows.quality.models import ConsensusRun

SECONDS = 2.0
ticks.add("measure gold", (SECONDS, gold.measure_some))


@handler(concluding.JOB, resumes=True)
def conclude(work: Work) -> dict[str, Any]:
    run = ConsensusRun.objects.select_related("project").get(pk=work.arguments["run"])
    return concluding.carry_out(run, by=work.by, say=work.progress)


@handler(undoing.JOB, resumes=True)
def undo(work: Work) -> dict[str, Any]:
    return undoing.carry_out(work.arguments["run"], by=work.by, say=work.progress)


def _link(job: Job) -> dict[str, str]:
    return {"consensus_run": f"/api/v1/consensus-runs/{job.arguments.get('run')}"}


for _kind in (concluding.JOB, undoing.JOB):
    links.add(_kind, _link)
KINDS[undoing.JOB] = gettext_lazy("Undoing a consensus run")
KINDS[concluding.JOB] = gettext_lazy("Consensus of overlapping answers")


@handler(reporting.JOB, resumes=True)
def measure_agreement(work: Work) -> dict[str, Any]:
    asked = dict(work.arguments)
    return reporting.keep(Project.objects.get(pk=asked.pop("project")), work.progress, **asked)


KINDS[reporting.JOB] = gettext_lazy("Agreement of a project")


@handler(reporting.CONFUSION, resumes=True)
def compare_answers(work: Work) -> dict[str, Any]:
    asked = dict(work.arguments)
    return reporting.compare(Project.objects.get(pk=asked.pop("project")), work.progress, **asked)


KINDS[reporting.CONFUSION] = gettext_lazy("What is taken for what")

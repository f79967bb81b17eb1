"""Measuring gold by the clock: too little at a time, and too often, for background work that somebody looks at. And what is such work."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from annotate.jobs.services import Work, handler
from annotate.jobs.words import KINDS
from annotate.kernel.registry import ticks
from annotate.projects.models import Project
from workflows.quality import concluding, gold, reporting

SECONDS = 2.0
ticks.add("measure gold", (SECONDS, gold.measure_some))


@handler(concluding.JOB, resumes=True)
def conclude(work: Work) -> dict[str, Any]:
    asked = dict(work.arguments)
    project = Project.objects.get(pk=asked.pop("project"))
    return concluding.carry_out(project, **asked, job=work.job_id, by=work.by, say=work.progress)


KINDS[concluding.JOB] = gettext_lazy("Consensus of overlapping answers")


@handler(reporting.JOB)
def measure_agreement(work: Work) -> dict[str, Any]:
    asked = dict(work.arguments)
    return reporting.keep(Project.objects.get(pk=asked.pop("project")), **asked)


KINDS[reporting.JOB] = gettext_lazy("Agreement of a project")

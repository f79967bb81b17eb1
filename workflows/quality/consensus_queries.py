"""Consensus runs as the actor may see them: whoever sees every item of the project."""

from __future__ import annotations

from django.db.models import QuerySet

from annotate.jobs.states import LIVE
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_view
from workflows.quality.models import ConsensusItem, ConsensusRun

_WITH = ("project", "job", "created_by", "undone_by")


def project_of(actor: Actor, project_id: int) -> Project:
    found = projects.get(actor, project_id)
    require(may_view(actor, found))
    return found


def of_project(project: Project) -> QuerySet[ConsensusRun]:
    return ConsensusRun.objects.filter(project=project).select_related(*_WITH)


def get(actor: Actor, run_id: int) -> ConsensusRun:
    """The run, or `Missing`; `Denied` for who sees the project and not its runs."""
    found = ConsensusRun.objects.filter(pk=run_id).select_related(*_WITH).first()
    if found is None:
        raise Missing()
    project_of(actor, found.project_id)
    return found


def members(run: ConsensusRun, outcome: str = "", undone: str = "") -> QuerySet[ConsensusItem]:
    """Its items that were not erased since, in the order of their ids; of one outcome, or of one end of its undoing."""
    rows = ConsensusItem.objects.filter(run=run).exclude(item__state="erased").select_related("item", "consensus")
    rows = rows.filter(outcome=outcome) if outcome else rows
    return rows.filter(undone=undone) if undone else rows


def standing(run: ConsensusRun) -> str:
    """Its state as people see it: a dry run foretells, and one whose job has ended without a result was stopped."""
    if run.state in ("deciding", "undoing") and (run.job is None or run.job.state not in LIVE):
        return "stopped"
    return "foretold" if run.dry_run and run.state == "decided" else run.state

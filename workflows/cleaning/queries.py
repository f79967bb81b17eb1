"""Rules, runs and findings that an actor may see."""

from __future__ import annotations

from django.db.models import QuerySet

from annotate.items.models import Batch, Item
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project
from workflows.cleaning.models import CheckRun, Finding, Gate, Rule
from workflows.cleaning.policies import may_see_findings


def _seen(actor: Actor, project: Project) -> None:
    """`Missing` for those who may not see the project, or nothing of what rules find."""
    projects.get(actor, project.pk)
    if not may_see_findings(actor, project):
        raise Missing()


def rules(actor: Actor, project: Project) -> QuerySet[Rule]:
    _seen(actor, project)
    return Rule.objects.filter(project=project).select_related("queue").order_by("id")


def get_rule(actor: Actor, rule_id: int) -> Rule:
    """`Missing` when it is not there or its project not the actor's to see."""
    found = Rule.objects.select_related("project", "queue").filter(pk=rule_id).first()
    if found is None:
        raise Missing()
    _seen(actor, found.project)
    return found


def runs(actor: Actor, project: Project) -> QuerySet[CheckRun]:
    _seen(actor, project)
    return CheckRun.objects.filter(project=project).select_related("batch", "rule_set", "created_by", "job").order_by("-id")


def get_run(actor: Actor, run_id: int) -> CheckRun:
    found = CheckRun.objects.select_related("project", "batch", "rule_set", "job", "created_by", "applied_by", "undone_by").filter(pk=run_id).first()
    if found is None:
        raise Missing()
    _seen(actor, found.project)
    return found


def findings(run: CheckRun) -> QuerySet[Finding]:
    """Those of a run that the actor was given."""
    return Finding.objects.filter(run=run).select_related("item").order_by("id")


def of_item(actor: Actor, item: Item) -> list[Finding]:
    """What rules say of an item, the newest first; nothing for those who may not see findings."""
    if not may_see_findings(actor, item.project):
        return []
    rows = Finding.objects.filter(item=item, state__in=("applied", "restored", "waived")).select_related("run", "hold").order_by("-id")
    return list(rows[:100])


def gate_of(actor: Actor, batch: Batch) -> Gate | None:
    _seen(actor, batch.project)
    return Gate.objects.select_related("run", "opened_by", "batch__project").filter(batch=batch).first()

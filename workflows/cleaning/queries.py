"""Rules, runs and findings that an actor may see."""

from __future__ import annotations

from django.db import connection
from django.db.models import F, QuerySet

from annotate.items.models import Batch, Item
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project
from workflows.cleaning.models import CheckRun, Finding, Gate, Rule
from workflows.cleaning.policies import may_see_findings

# What each rule caught at the newest of the last few runs that it was in.
_CAUGHT = """
SELECT DISTINCT ON (e.key) e.key, r.id, e.value -> 'caught', e.value -> 'error' IS NOT NULL
FROM (SELECT id, results FROM workflows_checkrun WHERE project_id = %s AND state NOT IN ('checking', 'failed') ORDER BY id DESC LIMIT 3) AS r,
     jsonb_each(r.results) AS e
WHERE e.key ~ '^[0-9]+$' ORDER BY e.key, r.id DESC
"""


def _seen(actor: Actor, project: Project) -> None:
    """`Missing` for those who may not see the project, or nothing of what rules find."""
    projects.get(actor, project.pk)
    if not may_see_findings(actor, project):
        raise Missing()


def project_of(actor: Actor, project_id: int) -> Project:
    """The project, for those who see what rules find."""
    found = projects.get(actor, project_id)
    if not may_see_findings(actor, found):
        raise Missing()
    return found


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


def listed_runs(actor: Actor, project: Project) -> QuerySet[CheckRun]:
    """The same without what each rule came to, but with `would`: what applying it comes to (`tallies.would`)."""
    return runs(actor, project).defer("results", "rule_set__document").annotate(would=F("results__would"))


def last_caught(project: Project) -> dict[int, tuple[int, int | None]]:
    """Rule → (run, items it caught there, None where it could not be run), by the newest run that it was in."""
    with connection.cursor() as cursor:
        cursor.execute(_CAUGHT, [project.pk])
        return {int(rule): (run, None if wrong or caught is None else int(caught)) for rule, run, caught, wrong in cursor.fetchall()}


def get_run(actor: Actor, run_id: int) -> CheckRun:
    found = CheckRun.objects.select_related("project", "batch", "rule_set", "job", "created_by", "applied_by", "undone_by").filter(pk=run_id).first()
    if found is None:
        raise Missing()
    _seen(actor, found.project)
    return found


def findings(run: CheckRun) -> QuerySet[Finding]:
    """Those of a run that the actor was given."""
    return Finding.objects.filter(run=run).select_related("item").order_by("id")


def in_words(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """With what their sentence needs."""
    return rows.select_related("item__batch", "run__rule_set").defer("run__results")


def partners(findings: list[Finding]) -> dict[int, Item]:
    """The items that findings point to, by id."""
    ids = {row.partner for row in findings if row.partner}
    return Item.objects.select_related("batch").in_bulk(ids) if ids else {}


def of_item(actor: Actor, item: Item) -> list[Finding]:
    """What rules say of an item, the newest first; nothing for those who may not see findings."""
    if not may_see_findings(actor, item.project):
        return []
    rows = Finding.objects.filter(item=item, state__in=("applied", "restored", "waived")).select_related("run__rule_set", "hold").defer("run__results").order_by("-id")
    return list(rows[:100])


def gate_of(actor: Actor, batch: Batch) -> Gate | None:
    _seen(actor, batch.project)
    return Gate.objects.select_related("run__rule_set", "opened_by", "batch__project").defer("run__results").filter(batch=batch).first()

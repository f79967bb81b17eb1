"""Tells versions which items rules have found to be look-alikes, and under which rules and findings a version was cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Count

from annotate.projects.models import Project
from workflows.cleaning.models import Finding, Rule, RuleSet
from workflows.releases.placing import likenesses
from workflows.releases.recording import records

KINDS = ("near_duplicate", "near_duplicate_text")


# Of a pair that several runs found, the newest finding counts. What a person has restored from a rule stays restored, as when rules are applied.
_PAIRS = """
SELECT DISTINCT item_id, partner FROM (
    SELECT DISTINCT ON (rule, item_id, partner) name, item_id, partner, state FROM workflows_finding
    WHERE project_id = %(project)s AND rule = ANY(%(rules)s) AND partner IS NOT NULL AND item_id IS NOT NULL
    ORDER BY rule, item_id, partner, id DESC
) last WHERE state IN ('found', 'applied') AND NOT EXISTS (
    SELECT 1 FROM workflows_finding f WHERE f.project_id = %(project)s AND f.state = 'restored' AND f.item_id = last.item_id AND f.name = last.name
)
"""


@likenesses.register("near_duplicate")
def pairs(project_id: int) -> Iterator[tuple[int, int]]:
    """(item, the better one of its group) of what stands as found, whether or not it was acted upon."""
    rules = list(Rule.objects.filter(project_id=project_id, kind__in=KINDS).values_list("pk", flat=True))
    if not rules:
        return
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"project": project_id, "rules": rules})
        yield from cursor.fetchall()


@records.register("rules")
def rules(project: Project) -> dict[str, Any] | None:
    """{"number", "digest", "rules": how many, "findings": {rule's name: findings that were acted upon and stand}} of the newest rule set."""
    newest = RuleSet.objects.filter(project=project).order_by("-number").first()
    if newest is None:
        return None
    found = (
        Finding.objects.filter(project_id=project.pk, state="applied")
        .order_by()
        .values_list("name")
        .annotate(n=Count("pk"))
    )
    return {
        "number": newest.number,
        "digest": bytes(newest.digest).hex(),
        "rules": len(newest.document),
        "findings": dict(found.order_by("name")),
    }

"""Tells versions which items rules have found to be look-alikes, and under which rules and findings a version was cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from annotate.projects.models import Project
from workflows.cleaning.models import CheckRun, Finding, Rule, RuleSet
from workflows.releases.placing import likenesses
from workflows.releases.recording import records

KINDS = ("near_duplicate", "near_duplicate_text")


@likenesses.register("near_duplicate")
def pairs(project_id: int) -> Iterator[tuple[int, int]]:
    """(item, the better one of its group) of what stands as found, whether or not it was acted upon."""
    rules = list(Rule.objects.filter(project_id=project_id, kind__in=KINDS).values_list("pk", flat=True))
    if not rules:
        return
    runs = CheckRun.objects.filter(project_id=project_id).values("pk")
    rows = Finding.objects.filter(
        run__in=runs, rule__in=rules, partner__isnull=False, item__isnull=False, state__in=("found", "applied")
    )
    for item, partner in rows.order_by().values_list("item_id", "partner").distinct():
        assert item is not None and partner is not None
        yield item, partner


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

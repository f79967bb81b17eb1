"""Tells the query language and the thumbnails which items a rule flags: those with a finding that was applied and stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q

from annotate.items.badges import flaggers
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.queues.fields import flags
from annotate.search import columns
from workflows.cleaning.models import Finding
from workflows.cleaning.policies import may_see_findings


@flags.register("findings")
def flagged(rule: str, project_id: int) -> Q:
    rows = Finding.objects.filter(state="applied", project_id=project_id, name=rule)
    return columns.there(rows, item="pk")


@flaggers.register("findings")
def flaggers_of(actor: Actor, project: Project, item_ids: Collection[int]) -> dict[int, set[str]]:
    """By item, the names of the rules."""
    if not may_see_findings(actor, project):
        return {}
    found = defaultdict[int, set[str]](set)
    for item, name in Finding.objects.filter(state="applied", item__in=item_ids).values_list("item", "name").distinct():
        found[item].add(name)
    return found

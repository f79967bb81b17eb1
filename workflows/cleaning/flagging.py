"""Tells the query language which items a rule flags: those with a finding that was applied and stands."""

from __future__ import annotations

from django.db.models import Q

from annotate.queues.fields import flags
from annotate.search import columns
from workflows.cleaning.models import Finding


@flags.register("findings")
def flagged(rule: str, project_id: int) -> Q:
    rows = Finding.objects.filter(state="applied", project_id=project_id, name=rule)
    return columns.there(rows, item="pk")

"""What a cut would take now, before anybody asks for it: counts only, nothing is read or written."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from annotate.items.models import Item
from annotate.projects.models import Project
from annotate.queues.models import Hold
from annotate.reviews.models import Approval
from annotate.search.compile import compile_query


@dataclass(frozen=True)
class Preview:
    """Items that the query selects, by what would become of them."""

    taken: int
    not_approved: int
    quarantined: int

    @property
    def selected(self) -> int:
        return self.taken + self.not_approved + self.quarantined


def preview(project: Project, q: str) -> Preview:
    """`QueryError` when the query is none. What the schema refuses is only known when the version is cut."""
    selected = Item.objects.filter(compile_query(q, project.pk), project=project).exclude(state="erased")
    approved = Exists(Approval.objects.filter(item=OuterRef("pk"), ended_at__isnull=True))
    held = Exists(Hold.objects.filter(item=OuterRef("pk"), ended_at__isnull=True))
    counts = selected.annotate(approved=approved, held=held).aggregate(
        taken=Count("pk", filter=Q(approved=True, held=False)),
        not_approved=Count("pk", filter=Q(approved=False)),
        quarantined=Count("pk", filter=Q(approved=True, held=True)),
    )
    return Preview(**counts)

"""What a cut would take now, before anybody asks for it: counts only, nothing is read or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Q

from annotate.items.models import Batch, Item
from annotate.projects.models import Project
from annotate.queues.models import Hold
from annotate.reviews.models import Approval
from annotate.search.compile import compile_query
from workflows.releases.gates import DRAFT, Barred, barred


@dataclass(frozen=True)
class Preview:
    """Items that the query selects, by what would become of them."""

    taken: int
    not_approved: int
    quarantined: int
    gated: int = 0
    barred: Barred = field(default_factory=Barred)
    batches: Sequence[tuple[int, str, str]] = ()  # of those gated: id, name, why

    @property
    def selected(self) -> int:
        return self.taken + self.not_approved + self.quarantined + self.gated


def preview(project: Project, q: str) -> Preview:
    """`QueryError` when the query is none. What the schema refuses is only known when the version is cut, as is what gates say of batches
    that are too large to be measured while somebody waits."""
    selected = Item.objects.filter(compile_query(q, project.pk), project=project).exclude(state="erased")
    approved = Exists(Approval.objects.filter(item=OuterRef("pk"), ended_at__isnull=True))
    held = Exists(Hold.objects.filter(item=OuterRef("pk"), ended_at__isnull=True))
    found = barred(project, q.strip(), DRAFT)
    gated = Q(batch__in=list(found.batches) or [0])  # of an empty list no count at all would be made
    counts = selected.annotate(approved=approved, held=held).aggregate(
        taken=Count("pk", filter=Q(approved=True, held=False) & ~gated),
        gated=Count("pk", filter=Q(approved=True, held=False) & gated),
        not_approved=Count("pk", filter=Q(approved=False)),
        quarantined=Count("pk", filter=Q(approved=True, held=True)),
    )
    names = Batch.objects.filter(pk__in=list(found.batches)).order_by("name").values_list("pk", "name")
    return Preview(**counts, barred=found, batches=[(pk, name, found.batches[pk]) for pk, name in names])

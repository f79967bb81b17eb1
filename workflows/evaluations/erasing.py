"""An erased item leaves no suspect: neither what a model drew on it nor what was frozen of it. Figures are counts, and stay."""

from __future__ import annotations

from annotate.items.erasure import erasures
from annotate.items.models import Item
from workflows.evaluations.models import Suspect
from workflows.releases.tombstones import lock_project


@erasures.register("evaluations")
def forget(item: Item, activity_id: int) -> None:
    """Called within the erasure's transaction; `predicting` takes the same lock before it writes, and looks which items live."""
    lock_project(item.project_id)
    Suspect.objects.filter(item=item).delete()

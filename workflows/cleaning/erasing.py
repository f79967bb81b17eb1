"""An erased item leaves nothing of its content in what was measured or found of it."""

from __future__ import annotations

from annotate.items.erasure import erasures
from annotate.items.models import Item
from workflows.cleaning.models import Finding, LabelFacts, TextFacts


@erasures.register("cleaning")
def forget(item: Item, activity_id: int) -> None:
    """Called within the erasure's transaction, with the item as it was. Facts of a picture go with its blob."""
    Finding.objects.filter(item=item).delete()
    LabelFacts.objects.filter(annotation__item=item).delete()
    if item.text is None or item.sha256 is None:
        return
    same = Item.objects.filter(project__organisation_id=item.project.organisation_id, sha256=item.sha256, text__isnull=False)
    if not same.exclude(pk=item.pk).exists():
        TextFacts.objects.filter(organisation_id=item.project.organisation_id, sha256=item.sha256).delete()

"""A verdict on an item that a version has can no longer be taken back, nor a consensus: asked of the shards, which say what is in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from annotate.reviews.models import Review
from annotate.reviews.undoing import holders
from workflows.releases import parquet, shards
from workflows.releases.models import Version, VersionShard


@holders.register("releases")
def in_version(review: Review) -> str:
    """Why the verdict stands for good, "" when no version has the item since it was given."""
    item = review.item
    of_project = Version.objects.filter(dataset__project_id=item.project_id)
    if of_project.filter(state="cutting").exists():
        return _("a version is being cut; try again when it is frozen")
    since = of_project.filter(number__isnull=False, frozen_at__gte=review.created_at)
    within = VersionShard.objects.filter(version__in=since, first_key__lte=item.key, last_key__gte=item.key)
    for shard_id in within.values_list("shard_id", flat=True).distinct():
        with shards.opened(shard_id) as file:
            if parquet.has_item(file, {item.pk}):
                return _("the item is in a version already; withdraw its approval instead")
    return ""


def in_versions(project_id: int, item_ids: Sequence[int], since: dt.datetime) -> set[int]:
    """Those of these items that a version has which was frozen since; all of them while one is being cut."""
    of_project = Version.objects.filter(dataset__project_id=project_id)
    if of_project.filter(state="cutting").exists():
        return set(item_ids)
    found: set[int] = set()
    shard_ids = VersionShard.objects.filter(version__in=of_project.filter(number__isnull=False, frozen_at__gte=since))
    for shard_id in shard_ids.values_list("shard_id", flat=True).distinct():
        with shards.opened(shard_id) as file:
            found |= parquet.which_items(file, set(item_ids) - found)
    return found

"""An erased item in versions: its rows become tombstones in every shard that holds it, old files go, roots stay."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from annotate.items.erasure import erasures
from annotate.items.models import Item
from workflows.releases.models import Shard, VersionShard
from workflows.releases.tombstones import bury, lock_project


@erasures.register("releases")
def forget(item: Item, activity_id: int) -> None:
    """Called within the erasure's transaction, with the item as it was."""
    organisation_id = item.project.organisation_id
    lock_project(item.project_id)
    linked = VersionShard.objects.filter(shard=OuterRef("pk"))
    holds = linked.filter(
        version__dataset__project_id=item.project_id, first_key__lte=item.key, last_key__gte=item.key
    )
    # Shards that no version has yet were written by a cut under way, or one that ended badly: they hold content as well.
    shards = Shard.objects.filter(Q(Exists(holds)) | ~Q(Exists(linked)), organisation_id=organisation_id)
    bury(shards.values_list("pk", flat=True), {item.pk}, organisation_id=organisation_id)

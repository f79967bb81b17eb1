"""The instant at which a version appears: number, parent, root, counts and shards in one transaction."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Max

from annotate.activity.models import Activity
from annotate.activity.services import record
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.errors import Stale
from annotate.people.actor import Actor
from workflows.releases import meaning, placing
from workflows.releases.cutting import Cut
from workflows.releases.models import Dataset, Version, VersionShard
from workflows.releases.states import VERSION
from workflows.releases.tombstones import bury, lock_project


class PlacesMoved(Exception):
    """Another version has stored places since this one was worked out: it is worked out again, around them."""


@transaction.atomic
def freeze(version: Version, cut: Cut, *, by: Actor | None) -> Version:
    """Cutting → frozen, with the next number of its dataset; `Stale` when the version is not being cut any more."""
    project = version.dataset.project
    lock_project(project.pk)
    Dataset.objects.select_for_update().get(pk=version.dataset_id)
    earlier = Version.objects.filter(dataset_id=version.dataset_id, number__isnull=False)
    if cut.placement is not None and cut.placement.new and placing.seen(version) != cut.placement.seen:
        raise PlacesMoved
    top = earlier.aggregate(top=Max("number"))["top"] or 0
    VersionShard.objects.bulk_create(
        [
            VersionShard(
                version=version,
                shard=each.shard,
                ordinal=ordinal,
                first_key=each.first,
                last_key=each.last,
                digest=each.digest,
                taken=each.taken,
                fingerprint=each.fingerprint,
            )
            for ordinal, each in enumerate(cut.ranges)
        ],
        batch_size=1000,
    )
    _bury_late(project.pk, project.organisation_id, cut)
    parent = earlier.filter(number=top).first()
    cut.facts["meaning"] = meaning.follow(parent, [(each.shard.pk, each.last) for each in cut.ranges])
    counts = cut.counts()
    counts["splits"] = (
        dict.fromkeys(version.recipe["splits"] or (), 0) | counts["splits"]
    )  # asked for and empty is there too
    moved = Version.objects.filter(pk=version.pk, state__in=VERSION.origins("freeze")).update(
        state=VERSION.after("cutting", "freeze"),
        number=top + 1,
        parent=parent,
        schema_version_id=cut.schema_id,
        root=cut.root,
        counts=counts,
        splits=counts["splits"],
        facts=cut.facts,
        frozen_at=DatabaseNow(),
    )
    if not moved:
        raise Stale()
    if cut.placement is not None:
        placing.store(version, cut.placement)
    version.refresh_from_db()
    data = {"dataset": version.dataset_id, "number": version.number, "items": counts["items"]}
    record(
        by,
        "version.freeze",
        version,
        organisation=project.organisation_id,
        project=project,
        after=cut.root,
        data=data,
    )
    return version


@transaction.atomic
def fail(version_id: int, *, by: Actor | None) -> None:
    """Cutting → failed; nothing when it has ended already."""
    version = Version.objects.select_related("dataset__project").get(pk=version_id)
    moved = Version.objects.filter(pk=version_id, state__in=VERSION.origins("fail")).update(
        state=VERSION.after("cutting", "fail")
    )
    if moved:
        project = version.dataset.project
        record(by, "version.fail", version, organisation=project.organisation_id, project=project)


def _bury_late(project_id: int, organisation_id: int, cut: Cut) -> None:
    """Items erased after the snapshot was taken: they were approved at its instant, so their places stay, as tombstones."""
    late = dict(
        Activity.objects.filter(
            organisation_id=organisation_id, project_id=project_id, verb="item.erase", transaction__gte=cut.oldest
        ).values_list("noun_id", "pk")
    )
    if not late:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sluice.erasure', %s, true)", [str(max(late.values()))])
    erased = {item_id for item_id in late if item_id is not None}
    bury({each.shard.pk for each in cut.ranges}, erased, organisation_id=organisation_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sluice.erasure', '', true)")

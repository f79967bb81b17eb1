"""Tombstones: what stays of an erased item in a shard, and putting them there. The leaf stays, so every root still verifies.

An erasure and a freeze of one project wait for each other: whichever comes second sees what the other did.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from annotate.items.keys import TOMBSTONE
from annotate.jobs.services import enqueue
from workflows.releases import parquet, shards
from workflows.releases.models import Shard, VersionShard
from workflows.releases.rows import Row

PURGE = "releases.purge"
_NAMESPACE = 5_107_003  # of advisory locks between erasures and freezes


def tombstone(item_id: int, split: str, leaf: bytes) -> Row:
    return Row(key=f"{TOMBSTONE}{item_id}", item_id=item_id, split=split, leaf=leaf, erased=True)


def lock_project(project_id: int) -> None:
    """Until the transaction ends, no other erasure or freeze of the project gets past here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_NAMESPACE, project_id % 2**31])


def bury(shard_ids: Iterable[int], item_ids: set[int], *, organisation_id: int) -> int:
    """Rewrite those of the shards that hold rows of the items; how many. The old files go by a job once this is committed.

    The transaction must name its erasure (`sluice.erasure`), else the triggers refuse.
    """
    old = []
    for shard in Shard.objects.select_for_update().filter(pk__in=list(shard_ids)).order_by("pk"):
        with shards.opened(shard.pk) as file:
            if not parquet.has_item(file, item_ids):
                continue
            rows = list(parquet.read(file))
        kept = [tombstone(row.item_id, row.split, row.leaf) if row.item_id in item_ids else row for row in rows]
        old.append(shards.rewrite(shard, kept))
        keys = [row.key for row in kept if not row.erased]
        VersionShard.objects.filter(shard=shard).update(
            first_key=keys[0] if keys else "", last_key=keys[-1] if keys else ""
        )
    if old:
        enqueue(PURGE, organisation_id=organisation_id, by=None, arguments={"paths": old})
    return len(old)

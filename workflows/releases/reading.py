"""Reading what a version froze: rows and leaves, streamed in key order from its shards, and what it counted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from annotate.kernel.errors import Conflict
from workflows.releases import merkle, parquet, shards
from workflows.releases.models import Version
from workflows.releases.rows import Leaf, Row


def shard_ids(version: Version) -> list[int]:
    """The version's shards in the order of their rows; `Conflict` when it is not frozen."""
    if version.number is None:
        raise Conflict("this version is not frozen", code="not_frozen")
    return list(version.version_shards.order_by("ordinal").values_list("shard_id", flat=True))


def rows(version: Version, split: str = "", *, columns: Collection[str] = ()) -> Iterator[Row]:
    """The version's rows in the order of their keys' bytes, only those of `split` when one is named.

    Tombstones of erased items come too (`row.erased`): a writer leaves them out of what it writes for training.
    With `columns`, only these are read beside key, item, split and leaf. Memory stays at one group of rows.
    `Conflict` when the version is not frozen.
    """
    for _place, row in places(version, split, columns=columns):
        yield row


def places(version: Version, split: str = "", *, start: tuple[int, int] = (0, 0), columns: Collection[str] = ()) -> Iterator[tuple[tuple[int, int], Row]]:
    """((shard's place, row's place in it), row) from `start` on: places never change, so that a reader can come back."""
    for ordinal, shard_id in enumerate(shard_ids(version)):
        if ordinal < start[0]:
            continue
        first = start[1] if ordinal == start[0] else 0
        with shards.opened(shard_id) as file:
            for index, row in enumerate(parquet.read(file, start=first, columns=columns), first):
                if not split or row.split == split:
                    yield (ordinal, index), row


def row_of(version: Version, key: str) -> Row | None:
    """The row of this key, from the one shard that can hold it; None when there is none, or it was erased."""
    if version.number is None:
        return None
    holds = version.version_shards.filter(first_key__lte=key, last_key__gte=key).values_list("shard_id", flat=True)
    for shard_id in holds:
        with shards.opened(shard_id) as file:
            for row in parquet.read(file):
                if row.key == key and not row.erased:
                    return row
    return None


def leaves(version: Version) -> Iterator[Leaf]:
    """Every row's leaf in the order that the root is computed in (`merkle.root((l.leaf, l.ends) for l in leaves(v))`)."""
    for shard_id in shard_ids(version):
        with shards.opened(shard_id) as file:
            yield from parquet.read_leaves(file)


def counts(version: Version) -> dict[str, Any]:
    """{"items", "objects", "labels": {name: n}, "splits": {name: items}, "split_labels": {split: {name: n}},
    "excluded": {reason: n}, "leakage": {"groups": n, "same_bytes": n}} as counted when it froze."""
    found: dict[str, Any] = version.counts
    return found


def verify(version: Version) -> bool:
    """Whether the root over what the shards hold now is the root that was frozen."""
    return merkle.root((each.leaf, each.ends) for each in leaves(version)) == version.root

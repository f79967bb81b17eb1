"""Which rows of two lists of shards differ, found by columns: leaves alone first, keys of what differs next, labels last.

Shards are taken together in windows at whose end both sides end with one key, so that memory stays at a few shards; those that both
sides have are not opened. A leaf holds its key, so that a leaf which both sides of a window have is a row that is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from workflows.releases import parquet, shards

Bound = tuple[int, str]  # a shard and its last living key, "" where none lives


class Place(NamedTuple):
    """A row that differs: where it stands, and by what it is known."""

    key: str
    item: int
    erased: bool
    shard: int
    row: int


def windows(left: Sequence[Bound], right: Sequence[Bound]) -> Iterator[tuple[list[int], list[int]]]:
    """Shards of both sides that cover the same keys and are not shared."""
    old: list[int] = []
    new: list[int] = []
    i = j = 0
    while i < len(left) or j < len(right):
        one = left[i][1].encode() if i < len(left) else None
        other = right[j][1].encode() if j < len(right) else None
        if one is not None and one == other:
            old.append(left[i][0])
            new.append(right[j][0])
            i, j = i + 1, j + 1
            if one:
                yield from _apart(old, new)
                old, new = [], []
        elif other is None or (one is not None and one < other):
            old.append(left[i][0])
            i += 1
        else:
            new.append(right[j][0])
            j += 1
    yield from _apart(old, new)


def _apart(old: list[int], new: list[int]) -> Iterator[tuple[list[int], list[int]]]:
    shared = set(old) & set(new)
    if set(old) != shared or set(new) != shared:
        yield [pk for pk in old if pk not in shared], [pk for pk in new if pk not in shared]


def apart(old: Sequence[int], new: Sequence[int]) -> tuple[list[Place], list[Place]]:
    """The rows of a window that only one side has with this leaf, in their order."""
    import numpy as np

    leaves = [[_leaves(pk) for pk in side] for side in (old, new)]
    whole = [np.concatenate(side) if side else np.empty(0, np.uint64) for side in leaves]
    found: list[list[Place]] = []
    for side, mine, other in ((old, leaves[0], whole[1]), (new, leaves[1], whole[0])):
        places: list[Place] = []
        for pk, values in zip(side, mine, strict=True):
            at = np.flatnonzero(~np.isin(values, other)) if len(other) else np.arange(len(values))
            if len(at):
                places += _places(pk, at)
        found.append(places)
    return found[0], found[1]


def _leaves(shard: int) -> Any:
    """The first 8 bytes of each leaf: among a few ten thousand, two leaves are not taken for one another."""
    import numpy as np

    with shards.opened(shard) as file:
        column = parquet.columns(file, ["leaf"])["leaf"].combine_chunks()
    raw = np.frombuffer(column.buffers()[1], dtype=np.uint8).reshape(-1, 32)[column.offset : column.offset + len(column)]
    return np.ascontiguousarray(raw[:, :8]).view(np.uint64).ravel()


def _places(shard: int, at: Any) -> list[Place]:
    import pyarrow as pa

    with shards.opened(shard) as file:
        table = parquet.columns(file, ["key", "item_id", "erased"]).take(pa.array(at))
    values = (table[name].to_pylist() for name in ("key", "item_id", "erased"))
    return list(map(Place, *values, repeat(shard), at.tolist()))


def tables(places: Sequence[Place], names: Sequence[str] | None = None) -> Any:
    """These columns (all, without names) of these rows, in the order of the places; only the groups of rows that hold them are read."""
    import pyarrow as pa

    by_shard: dict[int, list[int]] = {}
    for n, place in enumerate(places):
        by_shard.setdefault(place.shard, []).append(n)
    parts, order = [], []
    for shard, members in by_shard.items():
        with shards.opened(shard) as file:
            parts.append(parquet.take(file, [places[n].row for n in members], names))
        order += members
    back = [0] * len(order)
    for n, member in enumerate(order):
        back[member] = n
    return pa.concat_tables(parts).take(pa.array(back, pa.int64()))

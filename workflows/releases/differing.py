"""What differs between two versions of a dataset, item by item and object by object.

Shards that both versions have are not read; of the others, leaves first, then what differs (`windows`). Memory is constant but for
tombstones, which have lost their key and are matched by item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from annotate.items.models import Item
from annotate.labels.changes import KINDS, changes
from workflows.releases import meaning, parquet, reading, shards, windows
from workflows.releases.models import Version
from workflows.releases.presenting import present_row
from workflows.releases.rows import Row
from workflows.releases.windows import Place

BATCH = 2000  # rows that differ, held at once
_NOTHING: Mapping[str, Any] = {"objects": []}
_FIELDS = {
    "labels": "label_digest",
    "media": "media_sha256",
    "uri": "uri",
    "text": "text",
    "size": "width",
    "height": "height",
    "group": "group",
    "frame": "frame",
    "split": "split",
    "meta": "meta",
}


@dataclass(frozen=True)
class Difference:
    """`change` is added, removed or changed; `before` and `after` the rows, None where there is none."""

    change: str
    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        found = self.after or self.before
        assert found is not None
        return found

    def fields(self) -> list[str]:
        """Which parts of a changed row differ: labels, media, uri, text, size, group, frame, split, meta."""
        before, after = self.before, self.after
        if before is None or after is None or before.erased or after.erased:
            return []
        found = [name for name, field in _FIELDS.items() if getattr(before, field) != getattr(after, field)]
        return list(dict.fromkeys("size" if name == "height" else name for name in found))

    def objects(self) -> list[dict[str, Any]]:
        """The changes of labels, as `{"id", "change": added|removed|relabelled|moved|attributes, …}`."""
        if self.before is not None and self.after is not None and self.before.label_digest == self.after.label_digest:
            return []
        return [change.document() for change in changes(_labels(self.before), _labels(self.after))]

    def line(self) -> dict[str, Any]:
        row = self.row
        line: dict[str, Any] = {"key": row.key, "item": row.item_id, "change": self.change}
        if row.erased:
            line["erased"] = True
        if self.before is not None and self.after is not None:
            line["fields"] = self.fields()
            if self.before.split != self.after.split:
                line["splits"] = [self.before.split, self.after.split]
        line["objects"] = self.objects()
        return line


@dataclass
class Summary:
    """How many items and objects differ; `same` items are in both with one leaf."""

    items: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)

    def document(self) -> dict[str, Any]:
        return {
            "items": {name: self.items[name] for name in ("added", "removed", "changed", "same")},
            "objects": {name: self.objects[name] for name in KINDS},
            "fields": dict(sorted(self.fields.items())),
        }


def differences(before: Version | None, after: Version, *, beyond: str = "") -> Iterator[Difference]:
    """In the order of keys, tombstones last. Without `before`, everything was added. `beyond`: only keys after this one."""
    if before is None:
        yield from _all(after)
        return
    for some in _batches(pairs(before, after, beyond=beyond)):
        old, new = ([place for place in side if place is not None] for side in zip(*some, strict=True))
        rows = [iter(parquet.rows(windows.tables(side)) if side else ()) for side in (old, new)]
        for one, other in some:
            left, right = (next(rows[0]) if one else None), (next(rows[1]) if other else None)
            yield Difference("added" if left is None else "removed" if right is None else "changed", left, right)


Pair = tuple[Place | None, Place | None]


def pairs(before: Version, after: Version, *, beyond: str = "") -> Iterator[Pair]:
    """Where the rows that differ stand in both versions, in the order of keys; tombstones last, matched by item."""
    buried: tuple[dict[int, Place], dict[int, Place]] = ({}, {})
    for old, new in windows.windows(meaning.bounds(before), meaning.bounds(after)):
        sides = windows.apart(old, new)
        living = [{place.key: place for place in side if not place.erased} for side in sides]
        for side, found in zip(sides, buried, strict=True):
            found.update({place.item: place for place in side if place.erased})
        for key in sorted(living[0].keys() | living[1].keys(), key=str.encode):
            if key > beyond:
                yield living[0].get(key), living[1].get(key)
    for item in dict.fromkeys([*buried[0], *buried[1]]):
        yield buried[0].get(item), buried[1].get(item)


def _all(after: Version) -> Iterator[Difference]:
    buried = []
    for row in reading.rows(after):
        if row.erased:
            buried.append(row)
        else:
            yield Difference("added", None, row)
    yield from (Difference("added", None, row) for row in buried)


def _batches(found: Iterator[Pair]) -> Iterator[list[Pair]]:
    while some := list(islice(found, BATCH)):
        yield some


def _labels(row: Row | None) -> Mapping[str, Any]:
    if row is None:
        return _NOTHING
    found: Mapping[str, Any] = orjson.loads(row.document)
    return found


def summary(before: Version | None, after: Version) -> dict[str, Any]:
    """{"items": {"added", "removed", "changed", "same"}, "objects": {"added", "removed", "relabelled", "moved", "attributes"},
    "fields": {part of a row that differs: items}}; `fields` names what changed items differ in, such as labels or split."""
    found = Summary()
    if before is None:
        found.items["added"] = after.counts["items"]
        found.objects["added"] = after.counts["objects"]
        return found.document()
    for some in _batches(pairs(before, after)):
        _sum(some, found)
    found.items["same"] = after.counts["items"] - found.items["added"] - found.items["changed"]
    return found.document()


def _sum(some: list[Pair], found: Summary) -> None:
    """Counts a batch: of what was changed all columns but text are compared, of the rest labels alone are read."""
    both = [(one, other) for one, other in some if one is not None and other is not None and not one.erased and not other.erased]
    found.items["changed"] += sum(one is not None and other is not None for one, other in some)
    for kind, side in (("removed", [one for one, other in some if one and not other]), ("added", [other for one, other in some if other and not one])):
        found.items[kind] += len(side)
        living = [place for place in side if not place.erased]
        if living:
            for document in windows.tables(living, ["document"])["document"].to_pylist():
                found.objects[kind] += len(orjson.loads(document).get("objects") or ())
    if not both:
        return
    old, new = (windows.tables([pair[n] for pair in both], [*_FIELDS.values(), "document"]) for n in (0, 1))  # type: ignore[misc]
    seen: dict[str, set[int]] = {}
    for name, column in _FIELDS.items():
        seen.setdefault("size" if name == "height" else name, set()).update(_unlike(old[column], new[column]))
    found.fields.update({name: len(rows) for name, rows in seen.items() if rows})
    one, other = old["document"], new["document"]
    for n in sorted(seen["labels"]):
        found.objects.update(change.kind for change in changes(orjson.loads(one[n].as_py()), orjson.loads(other[n].as_py())))


def _unlike(one: Any, other: Any) -> list[int]:
    """Places at which two columns differ; null is like null."""
    import numpy as np
    import pyarrow.compute as pc

    one, other = one.combine_chunks(), other.combine_chunks()
    same = pc.if_else(pc.or_(pc.is_null(one), pc.is_null(other)), pc.and_(pc.is_null(one), pc.is_null(other)), pc.equal(one, other))
    found: list[int] = np.flatnonzero(~np.asarray(same.to_numpy(zero_copy_only=False), dtype=bool)).tolist()
    return found


def tombstones(version: Version, *, but: Collection[int] = ()) -> Iterator[Row]:
    """The version's rows whose items were erased since; not those in the shards `but`. Where nothing was ever erased, no shard is opened."""
    if not Item.objects.filter(project_id=version.dataset.project_id, state="erased").exists():
        return
    for shard_id in (each for each in reading.shard_ids(version) if each not in but):
        with shards.opened(shard_id) as file:
            if parquet.tally(file).erased:
                file.seek(0)
                yield from (row for row in parquet.read(file) if row.erased)


def diff_lines(before: Version | None, after: Version) -> Iterator[bytes]:
    """NDJSON, a line per item that differs."""
    for each in differences(before, after):
        yield orjson.dumps(each.line()) + b"\n"


def delta_lines(before: Version | None, after: Version) -> Iterator[bytes]:
    """NDJSON for who holds `before`: a diff's lines with the whole row of what was added or changed, and a line "removed",
    "erased" for every item that was erased since, in whichever version, with the leaf by which its holder knows it."""
    told: set[int] = set()
    for each in differences(before, after):
        if each.row.erased:
            continue
        line = each.line()
        if each.after is not None:
            line = present_row(each.after) | line
        yield orjson.dumps(line) + b"\n"
    for version in (before, after):
        for row in tombstones(version) if version is not None else ():
            if row.item_id not in told:
                told.add(row.item_id)
                yield orjson.dumps(present_row(row) | {"change": "removed", "objects": []}) + b"\n"

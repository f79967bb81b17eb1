"""What differs between two versions of a dataset, item by item and object by object.

Shards that both versions have are not read. What is left is merged by key, in constant memory but for tombstones, which
have lost their key and are matched by item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from annotate.labels.changes import KINDS, changes
from workflows.releases import parquet, reading, shards
from workflows.releases.models import Version
from workflows.releases.presenting import present_row
from workflows.releases.rows import Row

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

    def document(self) -> dict[str, Any]:
        return {
            "items": {name: self.items[name] for name in ("added", "removed", "changed", "same")},
            "objects": {name: self.objects[name] for name in KINDS},
        }


def differences(before: Version | None, after: Version) -> Iterator[Difference]:
    """In the order of keys, tombstones last. Without `before`, everything was added."""
    old = reading.shard_ids(before) if before is not None else []
    new = reading.shard_ids(after)
    shared = set(old) & set(new)
    buried: tuple[dict[int, Row], dict[int, Row]] = ({}, {})
    left = _living([pk for pk in old if pk not in shared], buried[0])
    right = _living([pk for pk in new if pk not in shared], buried[1])
    yield from _merged(left, right)
    for item_id, row in buried[0].items():
        other = buried[1].get(item_id)
        if other is None:
            yield Difference("removed", row, None)
        elif other.leaf != row.leaf:
            yield Difference("changed", row, other)
    for item_id, row in buried[1].items():
        if item_id not in buried[0]:
            yield Difference("added", None, row)


def _merged(left: Iterator[Row], right: Iterator[Row]) -> Iterator[Difference]:
    before, after = next(left, None), next(right, None)
    while before is not None or after is not None:
        if after is None or (before is not None and before.key.encode() < after.key.encode()):
            yield Difference("removed", before, None)
            before = next(left, None)
        elif before is None or after.key.encode() < before.key.encode():
            yield Difference("added", None, after)
            after = next(right, None)
        else:
            if before.leaf != after.leaf:
                yield Difference("changed", before, after)
            before, after = next(left, None), next(right, None)


def _living(shard_ids: Iterable[int], buried: dict[int, Row]) -> Iterator[Row]:
    for shard_id in shard_ids:
        with shards.opened(shard_id) as file:
            for row in parquet.read(file):
                if row.erased:
                    buried[row.item_id] = row
                else:
                    yield row


def _labels(row: Row | None) -> Mapping[str, Any]:
    if row is None:
        return _NOTHING
    found: Mapping[str, Any] = orjson.loads(row.document)
    return found


def summary(before: Version | None, after: Version) -> dict[str, Any]:
    """{"items": {"added", "removed", "changed", "same"}, "objects": {"added", "removed", "relabelled", "moved", "attributes"}}."""
    found = Summary()
    for each in differences(before, after):
        found.items[each.change] += 1
        of_items = each.change == "changed"  # a new item's own attributes are no change of any object
        found.objects.update(change["change"] for change in each.objects() if change.get("id") or of_items)
    found.items["same"] = after.counts["items"] - found.items["added"] - found.items["changed"]
    return found.document()


def tombstones(version: Version) -> Iterator[Row]:
    """The version's rows whose items were erased since."""
    for shard_id in reading.shard_ids(version):
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

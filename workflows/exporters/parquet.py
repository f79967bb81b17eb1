"""Parquet, to be read in place: `rows/part-00000.parquet` and so on, a row per item in key order, `split` a column. Pure.

A row has what its version froze: `document` and `meta` are the canonical JSON that the leaf was computed from, `objects` says
the same in typed columns, `file` is where its picture lies when it came along. Items erased later have no row; the manifest
has their leaves. A file ends where a range of the root hash ends, so that a range without changes is the same file in the
next version, which who pulls has already. Row groups end by keys too: rows that are new or gone shift no group but their own, and
who has the file before has the bytes of the others (`parts`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from annotate.kernel import canonical
from workflows.exporters.columns import Shards, object_type, objects_of
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About, below_images
from workflows.releases.merkle import ends_range, leaf
from workflows.releases.parquet import WHO

FOLDER = "rows/"
ENDING = ".parquet"
GROUP_BITS = 9  # a group has 512 rows or so: a run that changed costs a group more than it has rows
GROUP_MOST = 4096
_PLAIN = ("key", "leaf", "frame", "width", "height", "media_sha256", "uri", "text", "annotation_id", "revision", "document", "label_digest", "schema_number")
# Columns in which rows of a group are alike, and those by which readers look for groups; of the others both cost bytes and bring nothing.
_ALIKE = ("split", "batch", "group", "frame", "file", "width", "height", "meta", "item", "revision", "schema_number")
_REPEATED = (
    *_ALIKE,
    *(f"objects.list.element.{name}" for name in ("kind", "label", "text", "attributes", "track", "source", "model")),
    *(f"provenance.{name}" for name in WHO if not name.endswith("_at")),
)
_SOUGHT = ("key", "uri", "annotation_id", *_ALIKE)


@cache
def _schema() -> Any:
    import pyarrow as pa

    digest = pa.binary(32)
    return pa.schema(
        [
            pa.field("key", pa.string(), nullable=False),
            pa.field("split", pa.string()),
            pa.field("leaf", digest, nullable=False),
            pa.field("batch", pa.string()),
            pa.field("group", pa.string()),
            pa.field("frame", pa.int32()),
            pa.field("file", pa.string()),
            pa.field("width", pa.int32()),
            pa.field("height", pa.int32()),
            pa.field("media_sha256", digest),
            pa.field("uri", pa.string()),
            pa.field("text", pa.string()),
            pa.field("meta", pa.string(), nullable=False),
            pa.field("objects", pa.list_(object_type()), nullable=False),
            pa.field("item", pa.string()),
            pa.field("annotation_id", pa.int64()),
            pa.field("revision", pa.int32()),
            pa.field("document", pa.string(), nullable=False),
            pa.field("label_digest", digest),
            pa.field("schema_number", pa.int32()),
            pa.field("provenance", pa.struct([(name, pa.string()) for name in WHO])),
        ]
    )


def ends_group(key: str) -> bool:
    """Whether a row group ends with the row of this key: about one in 512, and wherever a range ends."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[-2:], "big") & ((1 << GROUP_BITS) - 1) == 0


def leaf_of(record: Mapping[str, Any]) -> bytes:
    """The leaf that a row's content gives, 32 bytes; `KeyError`, `TypeError` or `ValueError` on a row of another shape."""
    text, document = record["text"], record["document"]
    return leaf(
        key=record["key"],
        media=record["media_sha256"],
        uri=record["uri"],
        text=canonical.digest(text) if text is not None else None,
        width=record["width"],
        height=record["height"],
        group=record["group"] or "",
        frame=record["frame"],
        split=record["split"] or "",
        meta=orjson.loads(record["meta"]),
        labels=canonical.digest(document),
    )


def agrees(record: Mapping[str, Any]) -> bool:
    """Whether the typed columns say what the row's document says."""
    return bool(objects_of(record["document"]) == record["objects"] and _item(record["document"]) == record["item"])


def _item(document: str) -> str | None:
    found = orjson.loads(document).get("item")
    return canonical.dumps(found) if found else None


class ParquetWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._shards = Shards(folder, _schema(), lambda number: f"{FOLDER}part-{number:05d}{ENDING}", rows=GROUP_MOST, repeated=_REPEATED, sought=_SOUGHT)

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if chosen and not row.erased:
            self._add(row, name, picture)
            if ends_group(row.key):
                self._shards.group()
        if not row.erased and ends_range(row.key):
            self._shards.cut()

    def _add(self, row: Any, name: str, picture: Any) -> None:
        record = {column: getattr(row, column) for column in _PLAIN}
        record |= {column: getattr(row, column) or None for column in ("split", "batch", "group")}
        record["file"] = below_images(row, name) if picture is not None else None
        record["meta"] = canonical.dumps(row.meta)
        record["objects"] = objects_of(row.document)
        record["item"] = _item(row.document)
        record["provenance"] = {who: row.provenance.get(who) for who in WHO}
        self._shards.add(record, len(row.document) + len(row.text or ""))

    def finish(self) -> None:
        self._shards.finish()

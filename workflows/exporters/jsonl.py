"""JSON lines: `items.jsonl`, one line per item with everything that its version froze, and provenance beside it. Pure.

A line holds the annotation's canonical text as it is, so that `verify_export` computes the item's leaf again from the line.
Items erased later keep a line `{"key", "split", "leaf", "erased": true}`.
"""

from __future__ import annotations

from typing import Any

import orjson

from annotate.kernel import canonical
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.releases.merkle import leaf

FILE = "items.jsonl"
FLUSH = 500


def line(row: Any) -> bytes:
    """The line of a row, without its end."""
    if row.erased:
        return orjson.dumps({"key": row.key, "split": row.split or None, "leaf": row.leaf.hex(), "erased": True})
    body = {
        "key": row.key,
        "split": row.split or None,
        "batch": row.batch or None,
        "group": row.group or None,
        "frame": row.frame,
        "media": {
            "sha256": row.media_sha256.hex() if row.media_sha256 else None,
            "uri": row.uri,
            "width": row.width,
            "height": row.height,
        },
        "text": row.text,
        "annotation": {
            "id": row.annotation_id,
            "revision": row.revision,
            "schema": row.schema_number,
            "digest": row.label_digest.hex() if row.label_digest else None,
        },
        "provenance": row.provenance,
        "leaf": row.leaf.hex(),
    }
    parts = [orjson.dumps(body)[:-1], b',"meta":', canonical.dumps(row.meta).encode()]
    if document := row.document.strip()[1:-1]:
        parts += [b",", document.encode()]
    return b"".join([*parts, b"}"])


def leaf_of(entry: dict[str, Any]) -> bytes:
    """The leaf that a line's content gives, 32 bytes; `KeyError`, `TypeError` or `ValueError` on a line of another shape."""
    media = entry["media"]
    text = entry["text"]
    document = {name: entry[name] for name in ("objects", "item") if name in entry}
    return leaf(
        key=entry["key"],
        media=bytes.fromhex(media["sha256"]) if media["sha256"] else None,
        uri=media["uri"],
        text=canonical.digest(text) if text is not None else None,
        width=media["width"],
        height=media["height"],
        group=entry["group"] or "",
        frame=entry["frame"],
        split=entry["split"] or "",
        meta=entry["meta"],
        labels=canonical.digest(canonical.dumps(document)),
    )


class JsonlWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._folder = folder
        self._file = folder.open(FILE)
        self._buffer: list[bytes] = []

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen:
            return
        self._buffer.append(line(row))
        if len(self._buffer) >= FLUSH:
            self._flush()

    def _flush(self) -> None:
        if self._buffer:
            self._file.write(b"\n".join(self._buffer) + b"\n")
            self._buffer = []

    def finish(self) -> None:
        self._flush()
        self._folder.close(self._file)

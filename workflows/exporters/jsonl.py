"""JSON lines: `items.jsonl`, one line per item with everything that its version froze, and provenance beside it. Pure.

Of a large version the lines are in `items/part-00000.jsonl` and so on, which one after the other are the same bytes. A part ends where
a range of the root hash ends, so that a range without changes is the same file in the next version, which who pulls has already.

A line holds the annotation's canonical text as it is, so that `verify_export` computes the item's leaf again from the line.
Items erased later keep a line `{"key", "split", "leaf", "erased": true}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from annotate.kernel import canonical
from workflows.exporters.folder import Counted, Folder
from workflows.exporters.formats import About
from workflows.releases.merkle import ends_range, leaf

FILE = "items.jsonl"
FOLDER, ENDING = "items/", ".jsonl"
LARGE = 250_000  # items of a version whose lines come in parts: below, to copy and hash one file takes less than to begin
FLUSH = 500


def files_of(names: Iterable[str]) -> list[str]:
    """Those of an export's files that hold lines of items, in the order of keys."""
    found = list(names)
    return [FILE] if FILE in found else sorted(name for name in found if name.startswith(FOLDER) and name.endswith(ENDING))


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
        self._folder, self._parts = folder, about.items >= LARGE
        self._count = 0
        self._file: Counted | None = None if self._parts else folder.open(FILE)
        self._buffer: list[bytes] = []

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if chosen:
            self._buffer.append(line(row))
            if len(self._buffer) >= FLUSH:
                self._flush()
        if self._parts and not row.erased and ends_range(row.key):
            self._end()

    def _open(self) -> Counted:
        if self._file is None:
            self._file = self._folder.open(f"{FOLDER}part-{self._count:05d}{ENDING}")
            self._count += 1
        return self._file

    def _flush(self) -> None:
        if self._buffer:
            self._open().write(b"\n".join(self._buffer) + b"\n")
            self._buffer = []

    def _end(self) -> None:
        self._flush()
        if self._file is not None:
            self._folder.close(self._file)
            self._file = None

    def finish(self) -> None:
        """Where nothing was chosen there is one file all the same."""
        if not self._count:
            self._open()
        self._end()

"""What travels with every export: all leaves of the version, and the list of files. Pure.

`sluice-manifest.ndjson`: a head line {"sluice": "manifest", "format": 1, "dataset", "number", "root", "items", "schema",
"export"}, then a line per item of the whole version in key order, whichever split was pulled: {"key", "split", "leaf"}, with
"ends": true where a range of the root hash ends, and "erased": true for an item that was erased since.
`sluice-names.ndjson`, where pictures are not called as their keys: {"name", "key"} of each item; importers go by it.
`sluice-files.ndjson`: {"path", "size", "sha256"} of every other file, the manifest too.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import orjson

from annotate.items.keys import TOMBSTONE
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About

MANIFEST = "sluice-manifest.ndjson"
FILES = "sluice-files.ndjson"
NAMES = "sluice-names.ndjson"
FORMAT = 1
FLUSH = 1000


def tombstone(item_id: int) -> str:
    """What stands for the key of an item that was erased."""
    return f"{TOMBSTONE}{item_id}"


def write_manifest(about: About, leaves: Iterable[Any], folder: Folder, *, items: int, schema: int | None, export: dict[str, Any], erased: set[int]) -> None:
    """`leaves` are `workflows.releases.rows.Leaf` in key order; `erased` item ids that are gone though the leaf does not say so yet."""
    with folder.new(MANIFEST) as file:
        head = {
            "sluice": "manifest",
            "format": FORMAT,
            "dataset": about.dataset,
            "number": about.number,
            "root": about.root,
            "items": items,
            "schema": schema,
            "frozen_at": about.created_at,
            "export": export,
        }
        file.write(orjson.dumps(head) + b"\n")
        stream = (_entry(each, erased) for each in leaves)
        while entries := list(islice(stream, FLUSH)):
            file.write(_lines(entries))


def _entry(each: Any, erased: set[int]) -> dict[str, Any]:
    gone = each.erased or each.item_id in erased
    entry: dict[str, Any] = {"key": tombstone(each.item_id) if gone else each.key, "split": each.split or None, "leaf": each.leaf.hex()}
    if each.ends:
        entry["ends"] = True
    if gone:
        entry["erased"] = True
    return entry


def _lines(entries: list[dict[str, Any]]) -> bytes:
    """One line per entry. All are encoded at once: within a text no quote stands bare, so only the commas between entries match."""
    return orjson.dumps(entries)[1:-1].replace(b'},{"key":"', b'}\n{"key":"') + b"\n"

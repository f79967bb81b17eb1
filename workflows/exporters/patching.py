"""What turns the files of lines that an export of one version has (`items.jsonl`, the manifest) into those of another.

A line per item that differs, in key order: {"key", "change": "added" | "changed", "split", "leaf", "line": …}, where `line`,
asked for, stands last and is the line of `items.jsonl` to the byte; {"key", "change": "removed"}; and at the end a line for
every item that was erased since, in whichever of the two: {"key": "erased:…", "change": "erased", "split", "leaf", "held"},
where `held` says whether the newer version has a tombstone in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from workflows.exporters.jsonl import line
from workflows.releases import differing
from workflows.releases.models import Version


def patch_lines(before: Version | None, after: Version, *, lines: bool) -> Iterator[bytes]:
    """NDJSON; constant memory but for tombstones."""
    for each in differing.differences(before, after):
        row = each.after
        if each.row.erased:
            continue
        if row is None:
            yield orjson.dumps({"key": each.row.key, "change": "removed"}) + b"\n"
            continue
        head = orjson.dumps({"key": row.key, "change": each.change, "split": row.split or None, "leaf": row.leaf.hex()})
        yield b"".join((head[:-1], b',"line":', line(row), b"}\n") if lines else (head, b"\n"))
    told: set[int] = set()
    for version in (after, before):
        for row in differing.tombstones(version) if version is not None else ():
            if row.item_id in told:
                continue
            told.add(row.item_id)
            grave: dict[str, Any] = {"key": row.key, "change": "erased", "split": row.split or None, "leaf": row.leaf.hex()}
            yield orjson.dumps(grave | {"held": version is after}) + b"\n"

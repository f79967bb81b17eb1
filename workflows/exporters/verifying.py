"""Checking an export without the server: every file, every leaf, the root. Pure: needs the export's own files only.

The first thing wrong raises `Wrong` with its place. What a format cannot say cannot be checked against the leaves: a COCO
file is held to its sha256 and its pictures to the manifest, JSON lines and Parquet to their leaves as well.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile

from workflows.exporters import jsonl, parquet
from workflows.exporters.entries import Wrong, leaves, lines
from workflows.exporters.folder import CHUNK
from workflows.exporters.manifest import FILES, FORMAT, MANIFEST
from workflows.exporters.sources import Source
from workflows.exporters.verifying_content import check_coco, check_coco_whole, check_lines, check_rows
from workflows.releases.merkle import ends_range, root


def verify(source: Source, *, expected_root: str = "") -> Iterator[str]:
    """Says what was checked, sentence by sentence; raises `Wrong` at the first thing that is not right."""
    yield _check_files(source)
    head = _head(source)
    yield _check_root(source, head, expected_root)
    split = (head.get("export") or {}).get("split") or ""
    if parts := jsonl.files_of(source.names()):
        yield check_lines(source, parts, split)
    if parts := sorted(name for name in source.names() if name.startswith(parquet.FOLDER) and name.endswith(parquet.ENDING)):
        yield check_rows(source, parts, split)
    for path in sorted(name for name in source.names() if name.startswith("annotations/instances_") and name.endswith(".json")):
        yield from check_coco(source, path)
    if any(name.startswith("annotations/instances_") for name in source.names()):
        yield check_coco_whole(source, split)


def _check_files(source: Source) -> str:
    listed: set[str] = set()
    total = 0
    for place, entry in lines(source, FILES):
        path, size, sha256 = entry.get("path"), entry.get("size"), entry.get("sha256")
        if not isinstance(path, str) or path in listed:
            raise Wrong(place, "names no file, or one that was named before")
        listed.add(path)
        found_size, found = _measure(source, path)
        if found_size != size:
            raise Wrong(path, f"has {found_size} bytes, should have {size}")
        if found != sha256:
            raise Wrong(path, f"has sha256 {found}, should have {sha256}")
        total += found_size
    if MANIFEST not in listed:
        raise Wrong(FILES, f"does not list {MANIFEST}")
    extra = len(set(source.names()) - listed - {FILES})
    more = f"; {extra} more lie beside them and are not part of the export" if extra else ""
    return f"{len(listed)} files, {total} bytes: sizes and sha256 agree with {FILES}{more}"


def _measure(source: Source, path: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    try:
        with source.open(path) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except FileNotFoundError:
        raise Wrong(path, "is missing") from None
    except (BadZipFile, zlib.error, EOFError, OSError) as error:
        raise Wrong(path, f"cannot be read ({error})") from None
    return size, digest.hexdigest()


def _head(source: Source) -> dict[str, Any]:
    for place, entry in lines(source, MANIFEST):
        if entry.get("sluice") != "manifest" or entry.get("format") != FORMAT:
            raise Wrong(place, f"is not the head of a manifest of format {FORMAT}")
        return entry
    raise Wrong(MANIFEST, "is empty")


def _check_root(source: Source, head: dict[str, Any], expected: str) -> str:
    counted = {"items": 0, "erased": 0}

    def pairs() -> Iterator[tuple[bytes, bool]]:
        before, last = b"", ("", "")
        missed = ""  # a range that should have ended: right only for the last leaf, which ends anyway
        for place, entry in leaves(source):
            counted["items"] += 1
            if missed:
                raise Wrong(missed, "does not end its range of the root as its key says")
            ends = entry.get("ends") is True
            if entry.get("erased"):
                counted["erased"] += 1
            else:
                key = entry["key"].encode()
                if key <= before and counted["items"] > 1:
                    raise Wrong(place, f"{entry['key']!r} does not come after {last[1]!r}")
                before, last = key, (place, entry["key"])
                if ends_range(entry["key"]) != ends:
                    missed = place
            yield bytes.fromhex(entry["leaf"]), ends

    found = root(pairs()).hex()
    if head.get("items") != counted["items"]:
        raise Wrong(MANIFEST, f"lists {counted['items']} leaves, its head says {head.get('items')}")
    if found != head.get("root"):
        raise Wrong(MANIFEST, f"its leaves give the root {found}, its head says {head.get('root')}")
    if expected and found != expected.lower().removeprefix("sha256:"):
        raise Wrong(MANIFEST, f"the root is {found}, not {expected}")
    erased = f" ({counted['erased']} erased since)" if counted["erased"] else ""
    return f"{head.get('dataset')} v{head.get('number')}: {counted['items']} leaves{erased} give the root {found}"

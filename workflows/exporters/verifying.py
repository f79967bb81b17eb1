"""Checking an export without the server: every file, every leaf, the root. Pure: needs the export's own files only.

The first thing wrong raises `Wrong` with its place. What a format cannot say cannot be checked against the leaves: a COCO
file is held to its sha256 and its pictures to the manifest, JSON lines and Parquet to their leaves as well.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import Any
from zipfile import BadZipFile

import orjson

from workflows.exporters import jsonl, parquet
from workflows.exporters.folder import CHUNK
from workflows.exporters.manifest import FILES, FORMAT, MANIFEST
from workflows.exporters.sources import Source
from workflows.releases.merkle import ends_range, root


class Wrong(Exception):
    """`place` is the file, line or item that is not what it should be; `why` says what is wrong with it."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place, self.why = place, why


def _lines(source: Source, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """("path line 3", entry) of an NDJSON file."""
    try:
        with source.open(path) as file:
            for number, raw in enumerate(file, start=1):
                place = f"{path} line {number}"
                try:
                    entry = orjson.loads(raw)
                except orjson.JSONDecodeError:
                    raise Wrong(place, "is not JSON") from None
                if not isinstance(entry, dict):
                    raise Wrong(place, "is not a JSON object")
                yield place, entry
    except FileNotFoundError:
        raise Wrong(path, "is missing") from None


def verify(source: Source, *, expected_root: str = "") -> Iterator[str]:
    """Says what was checked, sentence by sentence; raises `Wrong` at the first thing that is not right."""
    yield _check_files(source)
    head = _head(source)
    yield _check_root(source, head, expected_root)
    split = (head.get("export") or {}).get("split") or ""
    if lines := jsonl.files_of(source.names()):
        yield _check_lines(source, lines, split)
    if parts := sorted(name for name in source.names() if name.startswith(parquet.FOLDER) and name.endswith(parquet.ENDING)):
        yield _check_rows(source, parts, split)
    for path in sorted(name for name in source.names() if name.startswith("annotations/instances_") and name.endswith(".json")):
        yield from _check_coco(source, path)
    if any(name.startswith("annotations/instances_") for name in source.names()):
        yield _check_coco_whole(source, split)


def _check_files(source: Source) -> str:
    listed: set[str] = set()
    total = 0
    for place, entry in _lines(source, FILES):
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
    for place, entry in _lines(source, MANIFEST):
        if entry.get("sluice") != "manifest" or entry.get("format") != FORMAT:
            raise Wrong(place, f"is not the head of a manifest of format {FORMAT}")
        return entry
    raise Wrong(MANIFEST, "is empty")


def _leaves(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, (place, entry) in enumerate(_lines(source, MANIFEST)):
        if number:
            try:
                right = len(bytes.fromhex(entry["leaf"])) == 32 and isinstance(entry["key"], str)
            except (KeyError, TypeError, ValueError):
                right = False
            if not right:
                raise Wrong(place, "is not a leaf")
            yield place, entry


def _check_root(source: Source, head: dict[str, Any], expected: str) -> str:
    counted = {"items": 0, "erased": 0}

    def pairs() -> Iterator[tuple[bytes, bool]]:
        before, last = b"", ("", "")
        missed = ""  # a range that should have ended: right only for the last leaf, which ends anyway
        for place, entry in _leaves(source):
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


def _chosen(source: Source, split: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((place, entry) for place, entry in _leaves(source) if not split or entry.get("split") == split)


def _check_lines(source: Source, paths: list[str], split: str) -> str:
    wanted = _chosen(source, split)
    count = 0
    for place, entry in chain.from_iterable(_lines(source, path) for path in paths):
        _leaf_place, due = next(wanted, ("", None))
        if due is None:
            raise Wrong(place, "comes after the last item of the manifest")
        key = entry.get("key")
        if key != due["key"]:
            raise Wrong(place, f"holds {key!r}, the manifest has {due['key']!r} here")
        if not (entry.get("erased") or due.get("erased")):
            try:
                found = jsonl.leaf_of(entry).hex()
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Wrong(place, f"is not an item's line ({error})") from None
            if found != due["leaf"]:
                raise Wrong(f"{place} ({key})", f"gives the leaf {found}, the manifest has {due['leaf']}")
        elif entry.get("leaf") != due["leaf"]:
            raise Wrong(f"{place} ({key})", "is a tombstone with another leaf")
        count += 1
    if (left := next(wanted, None)) is not None:
        raise Wrong(paths[-1], f"lacks the item {left[1]['key']!r}")
    return f"{count} lines of {paths[0] if len(paths) == 1 else jsonl.FOLDER}: content agrees with the leaves"


def _rows(source: Source, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """("path row 3", row) of a Parquet file, which is copied first: an archive's entry cannot be read from its end."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryFile() as copy:
        with source.open(path) as file:
            shutil.copyfileobj(file, copy, CHUNK)
        copy.seek(0)
        number = 0
        try:
            for part in pq.ParquetFile(copy).iter_batches(batch_size=1024):
                for record in part.to_pylist():
                    number += 1
                    yield f"{path} row {number}", record
        except pa.ArrowException as error:
            raise Wrong(path, f"is not Parquet ({str(error)[:150]})") from None


def _check_rows(source: Source, parts: list[str], split: str) -> str:
    wanted = ((place, due) for place, due in _chosen(source, split) if not due.get("erased"))
    count = 0
    for path in parts:
        for place, record in _rows(source, path):
            _leaf_place, due = next(wanted, ("", None))
            if due is None:
                raise Wrong(place, "comes after the last item of the manifest")
            key = record.get("key")
            if key != due["key"]:
                raise Wrong(place, f"holds {key!r}, the manifest has {due['key']!r} here")
            try:
                found, same = parquet.leaf_of(record).hex(), parquet.agrees(record)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Wrong(place, f"is not an item's row ({error})") from None
            if found != due["leaf"]:
                raise Wrong(f"{place} ({key})", f"gives the leaf {found}, the manifest has {due['leaf']}")
            if not same:
                raise Wrong(f"{place} ({key})", "has columns that say something else than its document")
            count += 1
    if (left := next(wanted, None)) is not None:
        raise Wrong(parts[-1], f"lacks the item {left[1]['key']!r}")
    return f"{count} rows of {parquet.FOLDER}: content agrees with the leaves"


def _coco(source: Source, path: str) -> dict[str, Any]:
    with source.open(path) as file:
        try:
            document = orjson.loads(file.read())
        except orjson.JSONDecodeError as error:
            raise Wrong(path, f"is not JSON ({error})") from None
    parts = ("images", "annotations", "categories")
    if not isinstance(document, dict) or not all(isinstance(document.get(part), list) for part in parts):
        raise Wrong(path, "is not COCO: images, annotations and categories are wanted")
    return document


def _check_coco(source: Source, path: str) -> Iterator[str]:
    document = _coco(source, path)
    images = {image.get("id"): image for image in document["images"]}
    if len(images) != len(document["images"]):
        raise Wrong(path, "two images have one id")
    seen: set[str] = set()
    for place, (_line, due) in enumerate(_leaves(source), start=1):
        image = images.get(place)
        if image is None:
            continue
        if due.get("erased") or image.get("key") != due["key"]:
            raise Wrong(f"{path} image {place} ({image.get('key')})", f"the manifest has {due['key']!r} in this place")
        seen.add(image["key"])
    if len(seen) != len(images):
        left = next(image for image in images.values() if image.get("key") not in seen)
        raise Wrong(f"{path} image {left.get('id')} ({left.get('key')})", "has no leaf in the manifest")
    known = {category.get("id") for category in document["categories"]}
    for entry in document["annotations"]:
        if entry.get("image_id") not in images or entry.get("category_id") not in known:
            raise Wrong(f"{path} annotation {entry.get('id')}", "belongs to no image or no category of the file")
    yield f"{path}: {len(images)} images have their leaves; {len(document['annotations'])} objects, held by the file's sha256"


def _check_coco_whole(source: Source, split: str) -> str:
    held: set[str] = set()
    for path in (name for name in source.names() if name.startswith("annotations/instances_")):
        held.update(image["key"] for image in _coco(source, path)["images"])
    for place, due in _chosen(source, split):
        if not due.get("erased") and due["key"] not in held:
            raise Wrong(f"{place} ({due['key']})", "has no image in annotations/")
    return f"{len(held)} images: every item of the manifest is in annotations/"

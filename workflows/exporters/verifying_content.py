"""Whether what an export's files say of each item is what its leaf was computed from. Pure: lines, rows of Parquet, COCO."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson

from workflows.exporters import jsonl, parquet
from workflows.exporters.entries import Wrong, chosen, leaves, lines
from workflows.exporters.folder import CHUNK
from workflows.exporters.sources import Source


def _due(wanted: Iterator[tuple[str, dict[str, Any]]], place: str, key: Any) -> dict[str, Any]:
    """The manifest's next leaf, which is that of this key."""
    _place, due = next(wanted, ("", None))
    if due is None:
        raise Wrong(place, "comes after the last item of the manifest")
    if key != due["key"]:
        raise Wrong(place, f"holds {key!r}, the manifest has {due['key']!r} here")
    return due


def check_lines(source: Source, paths: list[str], split: str) -> str:
    wanted = chosen(source, split)
    count = 0
    for place, entry in chain.from_iterable(lines(source, path) for path in paths):
        key = entry.get("key")
        due = _due(wanted, place, key)
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


def check_rows(source: Source, parts: list[str], split: str) -> str:
    wanted = ((place, due) for place, due in chosen(source, split) if not due.get("erased"))
    count = 0
    for path in parts:
        for place, record in _rows(source, path):
            key = record.get("key")
            due = _due(wanted, place, key)
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


def check_coco(source: Source, path: str) -> Iterator[str]:
    document = _coco(source, path)
    images = {image.get("id"): image for image in document["images"]}
    if len(images) != len(document["images"]):
        raise Wrong(path, "two images have one id")
    seen: set[str] = set()
    for place, (_line, due) in enumerate(leaves(source), start=1):
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


def check_coco_whole(source: Source, split: str) -> str:
    held: set[str] = set()
    for path in (name for name in source.names() if name.startswith("annotations/instances_")):
        held.update(image["key"] for image in _coco(source, path)["images"])
    for place, due in chosen(source, split):
        if not due.get("erased") and due["key"] not in held:
            raise Wrong(f"{place} ({due['key']})", "has no image in annotations/")
    return f"{len(held)} images: every item of the manifest is in annotations/"

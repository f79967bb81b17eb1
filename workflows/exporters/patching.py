"""What turns the files of lines that an export of one version has (`items.jsonl` or its parts, the manifest) into those of another.

A line per item that differs, in key order: {"key", "change": "added" | "changed", "split", "leaf", "line": …}, where `line`,
asked for, stands last and is the line of `items.jsonl` to the byte; {"key", "change": "removed"}; and at the end a line for
every item that was erased since, in whichever of the two: {"key": "erased:…", "change": "erased", "split", "leaf", "held"},
where `held` says whether the newer version has a tombstone in its place.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import orjson

from workflows.exporters.jsonl import line
from workflows.releases import differing, parquet, reading, windows
from workflows.releases.models import Version

BATCH = 2000  # rows that differ, held at once
BLOCK = 64 * 1024  # bytes: a line by itself costs more to send than to make


class _Leaf(NamedTuple):
    """What a line says of a row whose own line is not asked for."""

    key: str
    split: str
    leaf: bytes


def patch_lines(before: Version | None, after: Version, *, lines: bool) -> Iterator[bytes]:
    """NDJSON in blocks of whole lines; constant memory but for tombstones."""
    held: list[bytes] = []
    size = 0
    for each in _lines(before, after, lines):
        held.append(each)
        size += len(each)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def gzipped(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """As they come; the quickest way of zlib, which is quicker than a line."""
    press = zlib.compressobj(1, zlib.DEFLATED, 31)
    for block in blocks:
        if data := press.compress(block):
            yield data
    yield press.flush()


def _lines(before: Version | None, after: Version, lines: bool) -> Iterator[bytes]:
    if before is None:
        for each in differing.differences(None, after):
            if not each.row.erased:
                yield _line("added", each.row, lines)
    else:
        yield from _changed(before, after, lines)
    yield from _graves(before, after)


def _changed(before: Version, after: Version, lines: bool) -> Iterator[bytes]:
    """Of the rows of `after` only what a line says is read, of the others nothing but the key."""
    pairs = (pair for pair in differing.pairs(before, after) if not (pair[1] or pair[0]).erased)  # type: ignore[union-attr]
    while some := list(islice(pairs, BATCH)):
        there = [new for _old, new in some if new is not None]
        rows: Iterator[Any] = iter(_rows(there, lines) if there else ())
        for old, new in some:
            if new is not None:
                yield _line("added" if old is None else "changed", next(rows), lines)
            elif old is not None:
                yield orjson.dumps({"key": old.key, "change": "removed"}) + b"\n"


def _rows(places: list[windows.Place], lines: bool) -> list[Any]:
    if lines:
        return parquet.rows(windows.tables(places))
    table = windows.tables(places, _Leaf._fields)
    return list(map(_Leaf, *(table[name].to_pylist() for name in _Leaf._fields)))


def _line(change: str, row: Any, lines: bool) -> bytes:
    head = orjson.dumps({"key": row.key, "change": change, "split": row.split or None, "leaf": row.leaf.hex()})
    return b"".join((head[:-1], b',"line":', line(row), b"}\n") if lines else (head, b"\n"))


def _graves(before: Version | None, after: Version) -> Iterator[bytes]:
    told: set[int] = set()
    shared = set(reading.shard_ids(after))
    for version in (after, before):
        for row in differing.tombstones(version, but=shared if version is not after else ()) if version is not None else ():
            if row.item_id in told:
                continue
            told.add(row.item_id)
            grave: dict[str, Any] = {"key": row.key, "change": "erased", "split": row.split or None, "leaf": row.leaf.hex()}
            yield orjson.dumps(grave | {"held": version is after}) + b"\n"

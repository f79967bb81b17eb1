"""What checks of an export read: entries with their places, and what is raised where one is wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from workflows.exporters.manifest import MANIFEST
from workflows.exporters.sources import Source


class Wrong(Exception):
    """`place` is the file, line or item that is not what it should be; `why` says what is wrong with it."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place, self.why = place, why


def lines(source: Source, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
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


def leaves(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, (place, entry) in enumerate(lines(source, MANIFEST)):
        if number:
            try:
                right = len(bytes.fromhex(entry["leaf"])) == 32 and isinstance(entry["key"], str)
            except (KeyError, TypeError, ValueError):
                right = False
            if not right:
                raise Wrong(place, "is not a leaf")
            yield place, entry


def chosen(source: Source, split: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((place, entry) for place, entry in leaves(source) if not split or entry.get("split") == split)

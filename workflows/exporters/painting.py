"""A picture's objects painted one over the other: which class and which object each pixel belongs to. Pure; numpy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from workflows.exporters.raster import pixels

AREAS = ("polygon", "mask")  # kinds that say which pixels are theirs; a box only says where they are


def to_paint(document: str, classes: Mapping[str, int], notes: Counter[str]) -> list[dict[str, Any]]:
    """The objects of a document that cover an area and are of a known class; the others are counted as left out."""
    painted = []
    for thing in orjson.loads(document).get("objects", ()):
        if thing["kind"] in AREAS and thing["label"] in classes:
            painted.append(thing)
            if thing.get("attributes"):
                notes["attributes_left_out"] += 1
        else:
            notes[f"left_out_{thing['kind']}"] += 1
    return painted


def paint(objects: Iterable[dict[str, Any]], classes: Mapping[str, int], width: int, height: int) -> tuple[Any, Any, list[tuple[int, int]]]:
    """(classes, instances, (class, pixels that are seen) of each instance): arrays of [height, width], 0 where there is nothing.

    Objects count from 1 in their order; a later one covers what it lies on.
    """
    import numpy as np

    kinds, numbers = np.zeros((height, width), np.uint16), np.zeros((height, width), np.uint32)
    found: list[int] = []
    for thing in objects:
        made = pixels(thing, width, height)
        assert made is not None, "an object with an area"
        part, left, top = made
        found.append(classes[thing["label"]])
        kinds[top : top + part.shape[0], left : left + part.shape[1]][part] = found[-1]
        numbers[top : top + part.shape[0], left : left + part.shape[1]][part] = len(found)
    seen = np.bincount(numbers.ravel(), minlength=len(found) + 1)[1:].tolist()
    return kinds, numbers, list(zip(found, seen, strict=True))

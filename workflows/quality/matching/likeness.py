"""How alike two objects of the same nature are in place and form, 0 to 1, for every pair of two lists. Pure numpy.

Boxes, turned boxes, polygons and masks stand on common ground (intersection over union); points, lines, skeletons and spans
are compared with their own kind only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from workflows.quality.matching import areas, points, runs
from workflows.quality.matching.areas import Floats

AREAS = ("box", "polygon", "mask")
Thing = dict[str, Any]


def nature(thing: Thing) -> str:
    """What an object can be compared with: "area", or its own kind."""
    return "area" if thing["kind"] in AREAS else str(thing["kind"])


class Area:
    """A box, polygon or mask, measured when asked."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        self.upright = thing["kind"] == "box" and not thing.get("rotation", 0) % 360

    @cached_property
    def rings(self) -> list[Floats]:
        return areas.rings(self.thing)

    @cached_property
    def runs(self) -> runs.Runs:
        return runs.of_mask(self.thing["rle"])

    @cached_property
    def size(self) -> float:
        if self.thing["kind"] == "box":
            return float(self.thing["box"][2] * self.thing["box"][3])
        return float(runs.size(self.runs)) if self.thing["kind"] == "mask" else areas.size(self.rings)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        if self.upright:
            x, y, w, h = self.thing["box"]
            return x, y, x + w, y + h
        if self.thing["kind"] != "mask":
            corners = np.concatenate(self.rings)
            left, top = corners.min(axis=0)
            right, bottom = corners.max(axis=0)
            return float(left), float(top), float(right), float(bottom)
        height = self.thing["rle"]["size"][0]
        if not len(self.runs):
            return 0.0, 0.0, 0.0, 0.0
        first, last = self.runs[:, 0], self.runs[:, 1] - 1
        tall = bool((first // height != last // height).any())  # a run that goes on in the next column
        top, bottom = (0, height) if tall else (int((first % height).min()), int((last % height).max()) + 1)
        return float(first.min() // height), float(top), float(last.max() // height + 1), float(bottom)

    def shared(self, other: Area) -> float:
        """Pixels² of both."""
        masks = [one for one in (self, other) if one.thing["kind"] == "mask"]
        if not masks:
            return areas.shared(self.rings, other.rings)
        height, width = masks[0].thing["rle"]["size"]
        if len(masks) == 2 and masks[1].thing["rle"]["size"] != [height, width]:
            return 0.0
        mine, theirs = (one.runs if one.thing["kind"] == "mask" else runs.of_area(one.rings, height, width) for one in (self, other))
        return float(runs.shared(mine, theirs))


def _areas(ones: Sequence[Thing], others: Sequence[Thing]) -> Floats:
    mine, theirs = [Area(one) for one in ones], [Area(one) for one in others]
    a, b = np.array([one.bounds for one in mine]), np.array([one.bounds for one in theirs])
    wide = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    high = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    both = np.where((wide > 0) & (high > 0), wide * high, 0.0)  # of upright boxes; the others follow one by one
    upright = np.array([one.upright for one in mine])[:, None] & np.array([one.upright for one in theirs])[None, :]
    for row, column in zip(*np.nonzero((both > 0) & ~upright), strict=True):
        both[row, column] = mine[row].shared(theirs[column])
    sizes = np.array([one.size for one in mine])[:, None] + np.array([one.size for one in theirs])[None, :]
    return np.clip(both / np.maximum(sizes - both, 1e-12), 0.0, 1.0)


def _spans(ones: Sequence[Thing], others: Sequence[Thing]) -> Floats:
    """Characters of both by characters of either."""
    a = np.array([[one["start"], one["end"]] for one in ones], dtype=np.float64)
    b = np.array([[one["start"], one["end"]] for one in others], dtype=np.float64)
    both = np.maximum(0.0, np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0]))
    either = np.ptp(a, axis=1)[:, None] + np.ptp(b, axis=1)[None, :] - both
    return np.asarray(both / np.maximum(either, 1e-12))


def likeness(ones: Sequence[Thing], others: Sequence[Thing], picture: float) -> Floats:
    """Shape (n, m), for objects of one nature; `picture` in pixels² is the scale of lone points and lines."""
    kind = nature(ones[0])
    if kind == "area":
        return _areas(ones, others)
    if kind == "span":
        return _spans(ones, others)
    found = np.zeros((len(ones), len(others)))
    for row, one in enumerate(ones):
        for column, other in enumerate(others):
            if kind == "keypoints":
                found[row, column] = points.skeletons(one["points"], other["points"])
            elif kind == "polyline":
                found[row, column] = points.lines(one["points"], other["points"], picture)
            else:
                found[row, column] = points.lone(one["points"][0], other["points"][0], picture)
    return found

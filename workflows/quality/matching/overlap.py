"""Intersection over union of boxes, turned boxes, polygons and masks, on common ground. Pure numpy.

Two drawn shapes share an exact area; as soon as one of two is a mask, both are the pixels whose middles they cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from workflows.quality.matching import areas, points, runs
from workflows.quality.matching.areas import Floats
from workflows.quality.matching.sweep import Places

Thing = dict[str, Any]
_DRAWN = ("box", "rotation", "points", "holes", "rle")


class Area:
    """A box, polygon or mask, measured when asked."""

    def __init__(self, thing: Thing) -> None:
        self.thing = thing
        self.is_mask = thing["kind"] == "mask"
        self.upright = thing["kind"] == "box" and not thing.get("rotation", 0) % 360
        self._drawn: dict[tuple[int, int], runs.Runs] = {}
        self._known: WeakKeyDictionary[Area, float] = WeakKeyDictionary()

    @cached_property
    def rings(self) -> list[Floats]:
        return areas.rings(self.thing)

    @cached_property
    def size(self) -> float:
        """Pixels²."""
        if self.thing["kind"] == "box":
            return float(self.thing["box"][2] * self.thing["box"][3])
        return float(runs.size(self.runs(*self.thing["rle"]["size"]))) if self.is_mask else areas.size(self.rings)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        if self.upright:
            x, y, w, h = self.thing["box"]
            return x, y, x + w, y + h
        if self.is_mask:
            height, width = self.thing["rle"]["size"]
            return runs.bounds(self.runs(height, width), height)
        return points.bounds(np.concatenate(self.rings).tolist())

    def runs(self, height: int, width: int) -> runs.Runs:
        """Its pixels in a picture of that size; a mask's own size is its picture's."""
        if (height, width) not in self._drawn:
            self._drawn[height, width] = runs.of_mask(self.thing["rle"]) if self.is_mask else runs.of_area(self.rings, height, width)
        return self._drawn[height, width]

    def iou(self, other: Area) -> float:
        """0 to 1; 0 for masks of pictures of different sizes. It is known the second time."""
        found = self._known.get(other)
        if found is None:
            found = self._known[other] = self._iou(other)
        return found

    def _iou(self, other: Area) -> float:
        if self.thing["kind"] == other.thing["kind"] and all(self.thing.get(name) == other.thing.get(name) for name in _DRAWN):
            return 1.0 if self.size > 0 else 0.0  # an untouched pre-label
        if not self.is_mask and not other.is_mask:
            both = areas.shared(self.rings, other.rings)
            return _ratio(both, self.size + other.size)
        sizes = {tuple(one.thing["rle"]["size"]) for one in (self, other) if one.is_mask}
        if len(sizes) > 1:
            return 0.0
        height, width = sizes.pop()
        mine, theirs = self.runs(height, width), other.runs(height, width)
        return _ratio(runs.shared(mine, theirs), runs.size(mine) + runs.size(theirs))


class Kept(dict[str, Any]):
    """A thing whose area is measured once, however often it is compared with others."""

    @cached_property
    def area(self) -> Area:
        return Area(dict(self))  # of a copy: two that hold each other would wait for the collector


def area_of(thing: Thing) -> Area:
    return thing.area if isinstance(thing, Kept) else Area(thing)


def _ratio(both: float, together: float) -> float:
    return min(1.0, both / max(together - both, 1e-12))


def upright(thing: Thing) -> bool:
    return thing["kind"] == "box" and not thing.get("rotation", 0) % 360


def over(one: Sequence[float], other: Sequence[float]) -> float:
    """`boxes` of one pair, to the last digit: [x, y, w, h]."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    mine, theirs = one[2] * one[3], other[2] * other[3]
    both = min(wide * high, mine, theirs)
    return float(min(1.0, both / max(mine + theirs - both, 1e-12)))


def boxes(a: Floats, b: Floats, mine: Floats, theirs: Floats) -> Floats:
    """Intersection over union of pairs of upright boxes: bounds [left, top, right, bottom] (n, 4), sizes in pixels² (n,)."""
    wide = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    high = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    both = np.minimum(np.maximum(wide, 0) * np.maximum(high, 0), np.minimum(mine, theirs))
    return np.asarray(np.clip(both / np.maximum(mine + theirs - both, 1e-12), 0.0, 1.0))


class Overlaps:
    """Compares areas of two lists."""

    def __init__(self, ones: Sequence[Thing], others: Sequence[Thing], threshold: float) -> None:
        self.threshold = threshold
        mine = [area_of(thing) for thing in ones]
        self.areas = mine, mine if others is ones else [area_of(thing) for thing in others]
        self.bounds = tuple(np.array([area.bounds for area in side], dtype=np.float64) for side in self.areas)
        self._sizes = [np.array([area.size for area in side]) for side in self.areas]
        self._upright = [np.array([area.upright for area in side]) for side in self.areas]
        self._masks = [np.array([area.is_mask for area in side]) for side in self.areas]

    def __call__(self, rows: Places, columns: Places) -> Floats:
        """Intersection over union of each pair of places; 0 also where it cannot come to the threshold."""
        a, b = self.bounds[0][rows], self.bounds[1][columns]
        found = boxes(a, b, self._sizes[0][rows], self._sizes[1][columns])  # no less than that of others
        upright = self._upright[0][rows] & self._upright[1][columns]
        mixed = self._masks[0][rows] != self._masks[1][columns]  # pixels may say a little more than areas do
        exact = ~upright & (mixed | (found >= self.threshold))
        found[~upright & ~exact] = 0.0
        for place in np.flatnonzero(exact):
            found[place] = self.areas[0][rows[place]].iou(self.areas[1][columns[place]])
        return np.asarray(found)

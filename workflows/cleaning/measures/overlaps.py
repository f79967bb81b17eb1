"""How much each object of a document lies on another one of its label, and of another label: the largest intersection over union.

Boxes, turned boxes, polygons and masks stand on common ground; spans are compared with spans. A few are compared in plain Python, many by
sweeping from left to right (`quality.matching.sweep`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from workflows.cleaning.measures.outlines import Bounds
from workflows.quality.matching import runs
from workflows.quality.matching.areas import Floats
from workflows.quality.matching.overlap import Area
from workflows.quality.matching.sweep import Places, meeting

FEW = 24  # objects up to which plain Python is quicker
MOST = 20_000  # pairs of a document that are compared exactly, the likeliest of each stretch first; of more, the rest count as apart
FLOOR = 0.1  # what is drawn freely is compared exactly only where it may overlap by as much; below, it counts as apart
FINE = 160  # points of two outlines beyond which what they share is counted on a grid
GRID = 128  # of so many cells each way: right to about half a hundredth


class Part(NamedTuple):
    """An object that covers something. `drawn` is None where its bounds are its outline; `size` in pixels or code points."""

    place: int
    label: Hashable
    bounds: Bounds
    size: float
    drawn: Area | None = None


class Best:
    """Of each object of a document: `same` and `other` (0 to 1), with the places `twin` and `rival` of what is behind them, or -1."""

    def __init__(self, count: int) -> None:
        self.same, self.other = [0.0] * count, [0.0] * count
        self.twin, self.rival = [-1] * count, [-1] * count

    def compare(self, parts: Sequence[Part]) -> None:
        """Compare the parts, in the order of their places, with each other. Of equals the first is named."""
        if len(parts) > FEW:
            self._compare_many(parts)
        elif len(parts) > 1:
            self._compare_few(parts)

    def _compare_few(self, parts: Sequence[Part]) -> None:
        for index, (place, label, (left, top, right, bottom), size, drawn) in enumerate(parts):
            for before in range(index):
                there, name, (x, y, z, w), area, sketch = parts[before]
                wide = (right if right < z else z) - (left if left > x else x)
                if wide <= 0:
                    continue
                high = (bottom if bottom < w else w) - (top if top > y else y)
                if high <= 0:
                    continue
                both = wide * high
                if drawn is None and sketch is None:
                    together = size + area - both
                    found = both / together if together > both else 1.0  # rounding of huge coordinates may lose the sides
                else:
                    found = exact(parts[index], parts[before])
                mine, names = (self.same, self.twin) if label == name else (self.other, self.rival)
                if found > mine[place]:
                    mine[place], names[place] = found, there
                if found > mine[there]:
                    mine[there], names[there] = found, place

    def _compare_many(self, parts: Sequence[Part]) -> None:
        crowd = Crowd(parts)
        for rows, columns, found in crowd.overlaps():
            alike = crowd.labels[rows] == crowd.labels[columns]
            for chosen, mine, names in ((alike, self.same, self.twin), (~alike, self.other, self.rival)):
                for row, column, value in largest(rows[chosen], columns[chosen], found[chosen]):
                    mine[parts[row].place], names[parts[row].place] = value, parts[column].place


class Crowd:
    """Many parts as arrays."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.bounds = np.array([part.bounds for part in parts], dtype=np.float64)
        self.sizes = np.array([part.size for part in parts], dtype=np.float64)
        self.plain = np.array([part.drawn is None for part in parts])
        self.masks = np.array([part.drawn is not None and part.drawn.is_mask for part in parts])
        numbers: dict[Hashable, int] = {}
        self.labels = np.array([numbers.setdefault(part.label, len(numbers)) for part in parts])
        self.known: dict[tuple[int, int], float] = {}

    def overlaps(self) -> Iterator[tuple[Places, Places, Floats]]:
        """(rows, columns, overlap) of pairs whose bounds meet, in stretches that hold all pairs of a row next to each other."""
        for rows, columns in meeting(self.bounds, self.bounds):
            two = rows != columns
            rows, columns = rows[two], columns[two]
            a, b = self.bounds[rows], self.bounds[columns]
            wide = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
            high = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
            both = np.maximum(wide, 0) * np.maximum(high, 0)
            plain = self.plain[rows] & self.plain[columns]
            mine, theirs = self.sizes[rows], self.sizes[columns]
            both = np.where(plain, both, np.minimum(both, np.minimum(mine, theirs)))
            with np.errstate(all="ignore"):
                found = np.where(mine + theirs - both > both, both / (mine + theirs - both), 1.0) * (both > 0)
            free = np.flatnonzero(~plain)
            if len(free):
                found[free] = self._drawn(rows[free], columns[free], found[free])
            yield rows, columns, found

    def _drawn(self, rows: Places, columns: Places, most: Floats) -> Floats:
        """Exact overlaps of pairs that are not two upright boxes, which cannot exceed `most`. The likeliest come first: a pair that cannot be
        its row's largest is left at 0."""
        most = np.where(self.masks[rows] != self.masks[columns], 1.0, most)
        alike = self.labels[rows] == self.labels[columns]
        found = np.zeros(len(rows))
        best: dict[tuple[int, bool], float] = {}
        for index in np.argsort(most, kind="stable")[::-1]:
            row, column = int(rows[index]), int(columns[index])
            key, ends = (row, bool(alike[index])), (min(row, column), max(row, column))
            if most[index] < FLOOR * 0.999:  # near it, `exact` decides
                break
            if most[index] <= best.get(key, 0.0):
                continue
            if ends not in self.known:
                if len(self.known) >= MOST:
                    break
                self.known[ends] = exact(self.parts[row], self.parts[column])
            found[index] = self.known[ends]
            best[key] = max(best.get(key, 0.0), self.known[ends])
        return found


def largest(rows: Places, columns: Places, found: Floats) -> Iterator[tuple[int, int, float]]:
    """(row, column, overlap) of each row's largest above 0; of equals the first column. All pairs of a row stand next to each other."""
    if not len(rows):
        return
    starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
    most = np.maximum.reduceat(found, starts)
    top = found == np.repeat(most, np.diff(np.append(starts, len(rows))))
    first = np.minimum.reduceat(np.where(top, columns, np.iinfo(np.int64).max), starts)
    yield from (each for each in zip(rows[starts].tolist(), first.tolist(), most.tolist(), strict=True) if each[2] > 0)


def exact(one: Part, other: Part) -> float:
    """Intersection over union of what is drawn; 0 where it cannot come to `FLOOR` or cannot be told."""
    mine, theirs = one.drawn or _box(one), other.drawn or _box(other)
    left, top = max(one.bounds[0], other.bounds[0]), max(one.bounds[1], other.bounds[1])
    wide, high = min(one.bounds[2], other.bounds[2]) - left, min(one.bounds[3], other.bounds[3]) - top
    if not (wide > 0 and high > 0):
        return 0.0
    if mine.is_mask == theirs.is_mask:
        most = min(wide * high, one.size, other.size)
        if most < FLOOR * (one.size + other.size - most):
            return 0.0
    try:
        with np.errstate(all="ignore"):
            if mine.is_mask or theirs.is_mask or sum(map(len, (*mine.rings, *theirs.rings))) <= FINE:
                found = mine.iou(theirs)
            else:
                both = _sampled(mine, theirs, left, top, wide, high)
                found = both / (one.size + other.size - both)
    except (KeyError, TypeError, ValueError, IndexError, ArithmeticError):
        return 0.0
    return min(found, 1.0) if found > 0 else 0.0


def _sampled(mine: Area, theirs: Area, left: float, top: float, wide: float, high: float) -> float:
    """Pixels² that two finely drawn outlines share, counted on a grid over what their bounds share."""
    scale = GRID / np.array([wide, high])
    drawn = [runs.of_area([(ring - [left, top]) * scale for ring in area.rings], GRID, GRID) for area in (mine, theirs)]
    return runs.shared(*drawn) / GRID**2 * wide * high


def _box(part: Part) -> Area:
    left, top, right, bottom = part.bounds
    return Area({"kind": "box", "box": [left, top, right - left, bottom - top]})

"""Areas of boxes, turned boxes and polygons with holes, and what two of them share: exact, by slabs. Pure numpy.

An area is a list of rings; a place is inside when a ray from it crosses the rings an odd number of times. Pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_SLABS = 4096  # of two very finely drawn shapes; beyond, the overlap is sampled on so many lines


def corners(box: Sequence[float], rotation: float = 0.0) -> Floats:
    """The four corners, shape (4, 2), of [x, y, w, h] turned clockwise by `rotation` degrees about its centre."""
    x, y, w, h = box
    found = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], dtype=np.float64)
    if rotation % 360:
        turn = math.radians(rotation)
        centre = np.array([x + w / 2, y + h / 2])
        found = (found - centre) @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) + centre
    return found


def rings(thing: dict[str, Any]) -> list[Floats]:
    """The rings of a box or polygon object, each of shape (n, 2)."""
    if thing["kind"] == "box":
        return [corners(thing["box"], thing.get("rotation", 0.0))]
    return [np.asarray(ring, dtype=np.float64) for ring in (thing["points"], *thing.get("holes", ()))]


def edges(area: Sequence[Floats]) -> Floats:
    """All edges of the rings that are not level, shape (n, 4): x1, y1, x2, y2 with y1 < y2."""
    found = np.concatenate([np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in area])
    down = found[:, 1] > found[:, 3]
    found[down] = found[down][:, [2, 3, 0, 1]]
    return found[found[:, 1] < found[:, 3]]


def crossings(sides: Floats, y: float) -> Floats:
    """Sorted x at which a level line crosses the edges; pairs of them are inside."""
    met = sides[(sides[:, 1] <= y) & (sides[:, 3] > y)]
    return np.sort(met[:, 0] + (y - met[:, 1]) * (met[:, 2] - met[:, 0]) / (met[:, 3] - met[:, 1]))


def _levels(one: Floats, other: Floats | None) -> tuple[Floats, Floats]:
    """(y of lines, heights they stand for): between two neighbouring heights of corners and crossings everything is
    straight, so the line in the middle is exact for the slab."""
    sides = one if other is None else np.concatenate([one, other])
    low, high = sides[:, 1].min(), sides[:, 3].max()
    if other is not None:
        low, high = max(one[:, 1].min(), other[:, 1].min()), min(one[:, 3].max(), other[:, 3].max())
        if high <= low:
            return np.empty(0), np.empty(0)
    crossed = len(sides) ** 2 if other is None else len(one) * len(other)
    if crossed > MOST_SLABS * 64:
        marks = np.linspace(low, high, MOST_SLABS + 1)
    else:
        marks = np.concatenate([sides[:, 1], sides[:, 3], _met(sides, sides) if other is None else _met(one, other)])
        marks = np.unique(np.clip(marks, low, high))
        if len(marks) > MOST_SLABS:
            marks = np.linspace(low, high, MOST_SLABS + 1)
    return (marks[1:] + marks[:-1]) / 2, np.diff(marks)


def _met(one: Floats, other: Floats) -> Floats:
    """The y of places where edges of one cross edges of the other."""
    ax, ay, bx, by = (column[:, None] for column in one.T)
    cx, cy, dx, dy = (column[None, :] for column in other.T)
    cross = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / cross
        across = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / cross
        hit = (along > 0) & (along < 1) & (across > 0) & (across < 1)
        return np.asarray((ay + along * (by - ay))[hit])


def _covered(inside: Floats, x: Floats) -> Floats:
    """How much of the line left of each x is inside; `inside` are sorted pairs."""
    starts, ends = inside[::2], inside[1::2]
    sums = np.concatenate([[0.0], np.cumsum(ends - starts)])
    place = np.searchsorted(starts, x, side="right")
    last = np.maximum(place - 1, 0)
    over = np.where(place > 0, np.maximum(0.0, ends[last] - x), 0.0) if len(starts) else np.zeros_like(x)
    return np.asarray(sums[place] - over)


def size(area: Sequence[Floats]) -> float:
    """Pixels² inside the rings."""
    sides = edges(area)
    if not len(sides):
        return 0.0
    found = 0.0
    for y, height in zip(*_levels(sides, None), strict=True):
        x = crossings(sides, y)
        found += height * float((x[1::2] - x[::2]).sum())
    return found


def shared(one: Sequence[Floats], other: Sequence[Floats]) -> float:
    """Pixels² inside both."""
    first, second = edges(one), edges(other)
    if not len(first) or not len(second):
        return 0.0
    found = 0.0
    for y, height in zip(*_levels(first, second), strict=True):
        mine, theirs = crossings(first, y), crossings(second, y)
        if len(mine) and len(theirs):
            found += height * float((_covered(mine, theirs[1::2]) - _covered(mine, theirs[::2])).sum())
    return found

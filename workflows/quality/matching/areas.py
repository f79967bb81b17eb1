"""Areas of boxes, turned boxes and polygons with holes, and what two of them share: exact, by slabs. Pure numpy.

An area is a list of rings; a place is inside when a ray from it crosses the rings an odd number of times. Pixels.
Between two neighbouring heights of corners and crossings all edges are straight and apart, so the level line in the middle of
such a slab, times its height, is the slab's area.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_SLABS = 4096  # of very finely drawn shapes; beyond, the area is measured on so many lines
MOST_EDGES = 512  # whose crossings are looked for
MOST_CELLS = 1 << 20  # lines × edges at a time
FAR = 1e18  # right of every coordinate


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


def crossings(sides: Floats, y: Floats) -> Floats:
    """Where level lines cross the edges: x in order, shape (lines, most crossings of any), filled up with `FAR`.

    The number of columns is even; each pair of them is a stretch inside.
    """
    parts, widest = [], 0
    step = max(1, MOST_CELLS // max(1, len(sides)))
    x1, y1, x2, y2 = sides.T
    for start in range(0, len(y), step):
        lines = y[start : start + step, None]
        met = (y1 <= lines) & (y2 > lines)
        with np.errstate(over="ignore"):
            along = np.clip((lines - y1) / (y2 - y1), 0.0, 1.0)  # of the edge; those not met are of no account
        x = np.sort(np.where(met, x1 + along * (x2 - x1), FAR), axis=1)
        most = int(met.sum(axis=1).max(initial=0))
        parts.append(x[:, :most])
        widest = max(widest, most)
    if len(parts) == 1:
        return parts[0]
    filled = [np.pad(part, ((0, 0), (0, widest - part.shape[1])), constant_values=FAR) for part in parts]
    return np.concatenate(filled) if filled else np.empty((0, 0))


def size(area: Sequence[Floats]) -> float:
    """Pixels² inside the rings."""
    sides = edges(area)
    if not len(sides):
        return 0.0
    y, heights = _slabs(sides, sides[:, 1].min(), sides[:, 3].max())
    x = crossings(sides, y)
    return float((heights * (x[:, 1::2] - x[:, ::2]).sum(axis=1)).sum())


def shared(one: Sequence[Floats], other: Sequence[Floats]) -> float:
    """Pixels² inside both."""
    first, second = edges(one), edges(other)
    if not len(first) or not len(second):
        return 0.0
    low, high = max(first[:, 1].min(), second[:, 1].min()), min(first[:, 3].max(), second[:, 3].max())
    if high <= low:
        return 0.0
    sides = np.concatenate([first, second])
    y, heights = _slabs(sides[(sides[:, 3] >= low) & (sides[:, 1] <= high)], low, high)
    return float((heights * _both(crossings(first, y), crossings(second, y))).sum())


def _slabs(sides: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """(y of the middles, heights) of the slabs from `low` to `high`."""
    marks = np.concatenate([[low, high], sides[:, 1], sides[:, 3]])
    if len(sides) <= MOST_EDGES:
        marks = np.concatenate([marks, _met(sides)])
    marks = np.unique(np.clip(marks, low, high))
    if len(marks) > MOST_SLABS:
        marks = np.linspace(low, high, MOST_SLABS + 1)
    return (marks[1:] + marks[:-1]) / 2, np.diff(marks)


def _met(sides: Floats) -> Floats:
    """The y of places where edges cross each other."""
    ax, ay, bx, by = (column[:, None] for column in sides.T)
    cx, cy, dx, dy = (column[None, :] for column in sides.T)
    cross = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        along = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / cross
        across = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / cross
        hit = (along > 0) & (along < 1) & (across > 0) & (across < 1)
        return np.asarray((ay + along * (by - ay))[hit])


def _both(one: Floats, other: Floats) -> Floats:
    """How much of each line is inside both, from the crossings with either."""
    x = np.concatenate([one, other], axis=1)
    order = np.argsort(x, axis=1, kind="stable")
    x = np.take_along_axis(x, order, axis=1)
    mine = np.cumsum(order < one.shape[1], axis=1) % 2
    theirs = np.cumsum(order >= one.shape[1], axis=1) % 2
    return np.asarray((np.diff(x, axis=1) * (mine & theirs)[:, :-1]).sum(axis=1))

"""The outline of one object: how large what encloses it is, its area, how many points it has, and whether it crosses itself.

Coordinates are pixels. Areas come from `quality.matching`, so that cleaning and scoring measure the same thing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.overlap import Area
from workflows.quality.matching.sweep import meeting

Bounds = tuple[float, float, float, float]
Thing = dict[str, Any]
NAN = float("nan")
SPECK = 4e-15  # of the square of the largest coordinate: a triangle no larger is flat, as far as rounding tells
FEW = 8  # edges up to which plain Python is quicker
MATRIX = 128  # edges up to which all pairs are looked at together


class Outline(NamedTuple):
    """`w`, `h`, `area`: pixels, NaN where the kind has none. `bounds`: left, top, right, bottom. `points`: -1 for kinds without.
    `drawn`: what an exact overlap is taken from; None for upright boxes, whose bounds say all, and for kinds without an area."""

    w: float = NAN
    h: float = NAN
    area: float = NAN
    bounds: Bounds | None = None
    points: int = -1
    crosses: bool = False
    drawn: Area | None = None


NONE = Outline()


def outline(thing: Thing) -> Outline:
    """What can be said of the object; `NONE` of one without a shape or with a broken one."""
    try:
        plain = upright(thing)
        if plain is not None:
            return plain
        read = READERS.get(thing["kind"])
        if read is None:
            return NONE
        with np.errstate(all="ignore"):
            return read(thing)
    except (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError):
        return NONE


def upright(thing: Thing) -> Outline | None:
    """The outline of a box that is not turned, the plainest thing of all; None for any other."""
    if thing.get("kind") != "box" or thing.get("rotation", 0) % 360:
        return None
    x, y, w, h = map(float, thing["box"])
    return Outline(w, h, w * h if w > 0 and h > 0 else min(w, h, 0.0), (x, y, x + w, y + h))


def _turned(thing: Thing) -> Outline:
    _, _, w, h = map(float, thing["box"])
    drawn = Area(thing)
    left, top, right, bottom = drawn.bounds
    return Outline(right - left, bottom - top, w * h if w > 0 and h > 0 else min(w, h, 0.0), drawn.bounds, drawn=drawn)


def _polygon(thing: Thing) -> Outline:
    drawn = Area(thing)
    for ring in drawn.rings:
        if ring.ndim != 2 or ring.shape[1] != 2:
            raise ValueError("no ring of points")
    outer = drawn.rings[0]
    crosses = any(crossing(ring) for ring in drawn.rings)
    if not crosses and len(drawn.rings) == 1:
        drawn.size = _shoelace(outer)  # the same as by slabs, and quicker
    every = np.concatenate(drawn.rings)  # holes too: one that reaches out covers what is there
    (left, top), (right, bottom) = every.min(axis=0).tolist(), every.max(axis=0).tolist()
    return Outline(right - left, bottom - top, drawn.size, (left, top, right, bottom), _distinct(thing["points"]), crosses, drawn)


def _mask(thing: Thing) -> Outline:
    drawn = Area(thing)
    left, top, right, bottom = drawn.bounds
    return Outline(right - left, bottom - top, drawn.size, drawn.bounds, drawn=drawn)


def _line(thing: Thing) -> Outline:
    return _points(thing["points"], _distinct(thing["points"]))


def _keypoints(thing: Thing) -> Outline:
    labelled = [place for place in thing["points"] if place[2]]
    return _points(labelled, len(labelled)) if labelled else Outline(points=0)


def _points(places: Sequence[Sequence[float]], count: int) -> Outline:
    xs, ys = [float(place[0]) for place in places], [float(place[1]) for place in places]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    return Outline(right - left, bottom - top, NAN, (left, top, right, bottom), count)


def _distinct(points: Sequence[Sequence[float]]) -> int:
    """Points in different places: a ring whose first point is repeated at its end has no more for it."""
    return len({(point[0], point[1]) for point in points})


def _shoelace(ring: Floats) -> float:
    x, y = (ring - ring[0]).T
    return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2


READERS: dict[Any, Callable[[Thing], Outline]] = {
    "box": _turned,
    "polygon": _polygon,
    "mask": _mask,
    "polyline": _line,
    "point": _line,
    "keypoints": _keypoints,
}


def crossing(ring: Floats) -> bool:
    """Whether two edges of the closed ring, shape (n, 2), cut through each other. Touching, or lying on each other, is no crossing."""
    count = len(ring)
    if count < 4:
        return False
    speck = SPECK * float(np.abs(ring).max()) ** 2
    if count <= FEW:
        return _crossing_few(ring.tolist(), speck)
    after = np.roll(ring, -1, axis=0)
    if count <= MATRIX:
        return _cut(ring, after, *_pairs(count), speck)
    bounds = np.hstack([np.minimum(ring, after), np.maximum(ring, after)])
    for rows, columns in meeting(bounds, bounds):
        once = rows < columns
        if _cut(ring, after, rows[once], columns[once], speck):
            return True
    return False


@cache
def _pairs(count: int) -> tuple[Any, Any]:
    """Places of every two edges that are not neighbours along the ring."""
    rows, columns = np.triu_indices(count, 2)
    inner = (rows > 0) | (columns < count - 1)
    return rows[inner], columns[inner]


def _cut(starts: Floats, ends: Floats, rows: Any, columns: Any, speck: float) -> bool:
    (ax, ay), (bx, by) = starts[rows].T, ends[rows].T
    (cx, cy), (dx, dy) = starts[columns].T, ends[columns].T
    c = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    apart = ((c > speck) & (d < -speck)) | ((c < -speck) & (d > speck))
    return bool((apart & (((a > speck) & (b < -speck)) | ((a < -speck) & (b > speck)))).any())


def _crossing_few(ring: list[list[float]], speck: float) -> bool:
    count = len(ring)
    for one in range(count - 2):
        (ax, ay), (bx, by) = ring[one], ring[one + 1]
        for other in range(one + 2, count if one else count - 1):
            (cx, cy), (dx, dy) = ring[other], ring[(other + 1) % count]
            c = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
            d = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
            if (c > speck and d < -speck) or (c < -speck and d > speck):
                a = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
                b = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
                if (a > speck and b < -speck) or (a < -speck and b > speck):
                    return True
    return False

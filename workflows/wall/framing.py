"""Where an object lies in its picture, how large it is, and the square that shows it with a little of what is around. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from annotate.labels.masks import decode

AROUND = 1.3  # the square's side, by the longer side of what it shows
LEAST = 24.0  # pixels of a square's side: less shows nothing of what is around
GRID = 48  # cells of a mask's outline along a side of its square
Bounds = tuple[float, float, float, float]


def bounds(thing: Mapping[str, Any]) -> Bounds | None:
    """(left, top, right, bottom) in pixels; None for what has no place in a picture."""
    kind = thing.get("kind")
    if kind == "box":
        x, y, w, h = thing["box"]
        angle = math.radians(thing.get("rotation") or 0)
        cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
        wide, high = w * cos + h * sin, w * sin + h * cos
        return x + (w - wide) / 2, y + (h - high) / 2, x + (w + wide) / 2, y + (h + high) / 2
    if kind == "mask":
        return _mask_bounds(thing["rle"])
    points = [point for point in thing.get("points", ()) if kind != "keypoints" or point[2] > 0]
    if not points:
        return None
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _mask_bounds(rle: Mapping[str, Any]) -> Bounds | None:
    """Of what is covered; the runs go down the columns."""
    height, _width = rle["size"]
    place, left, right, top, bottom = 0, math.inf, -1.0, math.inf, -1.0
    for index, run in enumerate(decode(rle["counts"])):
        if index % 2 and run:
            first, last = place // height, (place + run - 1) // height
            left, right = min(left, first), max(right, last + 1)
            whole = first != last
            top = 0 if whole else min(top, place % height)
            bottom = height if whole else max(bottom, (place + run - 1) % height + 1)
        place += run
    return (left, top, right, bottom) if right >= 0 else None


def area(thing: Mapping[str, Any]) -> float:
    """Pixels² of what it covers; of a span its characters."""
    kind = thing.get("kind")
    if kind == "span":
        return float(thing["end"] - thing["start"])
    if kind == "box":
        return float(thing["box"][2] * thing["box"][3])
    if kind == "mask":
        return float(sum(decode(thing["rle"]["counts"])[1::2]))
    if kind == "polygon":
        rings = [thing["points"], *thing.get("holes", [])]
        sizes = [abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2 for ring in rings]
        return float(sizes[0] - sum(sizes[1:]))
    found = bounds(thing)
    return (found[2] - found[0]) * (found[3] - found[1]) if found else 0.0


def square(found: Bounds, width: float, height: float) -> tuple[float, float, float]:
    """(x, y, side): around the middle of what it shows, moved into the picture as far as it fits there."""
    left, top, right, bottom = found
    side = min(max((right - left) * AROUND, (bottom - top) * AROUND, LEAST), max(width, height))

    def start(middle: float, size: float) -> float:
        return (size - side) / 2 if side >= size else min(max(middle - side / 2, 0.0), size - side)

    return round(start((left + right) / 2, width), 2), round(start((top + bottom) / 2, height), 2), round(side, 2)


def mask_path(rle: Mapping[str, Any], x: float, y: float, side: float) -> str:
    """The mask's cells within a square as an SVG path in pixels, coarse: an outline at the size of a crop."""
    height, width = rle["size"]
    covered: set[tuple[int, int]] = set()
    cell = side / GRID
    place = 0
    for index, run in enumerate(decode(rle["counts"])):
        end = place + run
        if index % 2:
            while place < end:  # one column at a time
                column, row = divmod(place, height)
                stop = min(end, (column + 1) * height)
                across = int((column + 0.5 - x) // cell)
                if 0 <= across < GRID and column < width:
                    for down in range(max(0, int((row - y) // cell)), min(GRID, int((stop - place + row - 1 - y) // cell) + 1)):
                        covered.add((across, down))
                place = stop
        place = end
    return "".join(_edges(covered, x, y, cell))


def _edges(covered: set[tuple[int, int]], x: float, y: float, cell: float) -> list[str]:
    """Each side of a cell that has no neighbour."""
    out = []
    for across, down in sorted(covered):
        left, top = round(x + across * cell, 1), round(y + down * cell, 1)
        step = round(cell, 1)
        if (across, down - 1) not in covered:
            out.append(f"M{left:g} {top:g}h{step:g}")
        if (across, down + 1) not in covered:
            out.append(f"M{left:g} {round(top + cell, 1):g}h{step:g}")
        if (across - 1, down) not in covered:
            out.append(f"M{left:g} {top:g}v{step:g}")
        if (across + 1, down) not in covered:
            out.append(f"M{round(left + cell, 1):g} {top:g}v{step:g}")
    return out

"""Masks as polygons, for labels that know no masks: outlines along the edges of the pixels, holes in the one that they lie in. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from annotate.labels import masks
from workflows.collection.importers.found import Found
from workflows.exporters.outlines import Ring, mask_rings

MOST_RUNS = 20_000  # of one mask; what is frayed more than that has no outline worth the name


def outlined(found: Found) -> Found:
    """The object with polygons before its other shapes; as it is where its mask is too frayed."""
    pieces: list[dict[str, Any]] = []
    for piece in found.shapes["mask"]:
        if len(masks.decode(piece["rle"]["counts"])) > MOST_RUNS:
            return found
        pieces += _polygons(piece["rle"])
    return replace(found, shapes={"polygon": tuple(pieces), **found.shapes}) if pieces else found


def _polygons(rle: dict[str, Any]) -> list[dict[str, Any]]:
    outer, holes = mask_rings(rle)
    made: list[dict[str, Any]] = [{"points": [list(point) for point in ring]} for ring in outer]
    sized = sorted(range(len(outer)), key=lambda at: _area(outer[at]))
    for hole in holes:
        x, y = min(hole, key=lambda point: (point[1], point[0]))
        at = next((at for at in sized if _inside(outer[at], x + 0.5, y + 0.5)), None)  # the pixel below its topmost corner is the hole's
        if at is not None:
            made[at].setdefault("holes", []).append([list(point) for point in hole])
    return made


def _area(ring: Ring) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))) / 2


def _inside(ring: Ring, x: float, y: float) -> bool:
    """By the even-odd rule."""
    found = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            found = not found
    return found

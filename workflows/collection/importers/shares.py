"""Labels told as shares of the picture's size, brought into its pixels once that is known. Pure.

Pieces of a relative document: box {"centre": [cx, cy, w, h]} or {"corners": four points in order}, polygon and keypoints
{"points"}, all from 0 to 1. Six decimals are what most tools write: a box whose two edges both come within a millionth of the
size of whole pixels has these, and so has a point, so that what was drawn on whole pixels comes back as it was.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workflows.collection.importers.found import LabelDoc

LAST_DIGIT = 1e-6
SQUARE = 0.02  # pixels by which four corners may miss a rectangle, beside what the last digit makes


def whole(value: float, size: float) -> float:
    """The pixel that a share means."""
    pixel = value * size
    near = round(pixel)
    return near if abs(pixel - near) <= LAST_DIGIT * size else pixel


def _side(middle: float, length: float, size: int) -> tuple[float, float]:
    """Where a side begins and how long it is."""
    start, end = whole(middle - length / 2, size), whole(middle + length / 2, size)
    if isinstance(start, int) and isinstance(end, int):
        return start, end - start
    return (middle - length / 2) * size, length * size


def in_pixels(doc: LabelDoc, width: int, height: int) -> LabelDoc:
    """The document with its shapes in pixels of a picture of this size."""
    if not doc.relative:
        return doc
    objects = tuple(replace(found, shapes=_shapes(found.shapes, width, height)) for found in doc.objects)
    return replace(doc, objects=objects, relative=False)


def _shapes(shapes: Mapping[str, tuple[dict[str, Any], ...]], width: int, height: int) -> dict[str, tuple[dict[str, Any], ...]]:
    made = {kind: tuple(_piece(piece, width, height) for piece in pieces) for kind, pieces in shapes.items()}
    boxes = made.get("box", ())
    if "polygon" in made and any(box.pop("askew", False) for box in boxes):  # the outline says more than the box around it
        made = {"polygon": made["polygon"], "box": boxes}
    return made


def _piece(piece: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    if "centre" in piece:
        cx, cy, w, h = piece["centre"]
        (left, across), (top, down) = _side(cx, w, width), _side(cy, h, height)
        return {"box": [left, top, across, down]}
    if "corners" in piece:
        return turned([(whole(x, width), whole(y, height)) for x, y in piece["corners"]], LAST_DIGIT * max(width, height))
    return {"points": [[whole(point[0], width), whole(point[1], height), *point[2:]] for point in piece["points"]]}


def turned(ends: list[tuple[float, float]], slack: float = 0.0) -> dict[str, Any]:
    """The box whose corners these are, first to second along its width; `askew` where they are no rectangle's.

    >>> turned([(100, 20), (100, 60), (80, 60), (80, 20)])
    {'box': [70.0, 30.0, 40.0, 20.0], 'rotation': 90.0}
    """
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = ends
    along, down = ((bx - ax + cx - dx) / 2, (by - ay + cy - dy) / 2), ((dx - ax + cx - bx) / 2, (dy - ay + cy - by) / 2)
    if along[0] * down[1] - along[1] * down[0] < 0:  # told the other way round
        return turned([ends[0], ends[3], ends[2], ends[1]], slack)
    width, height = math.hypot(*along), math.hypot(*down)
    middle_x, middle_y = (ax + bx + cx + dx) / 4, (ay + by + cy + dy) / 4
    angle = math.degrees(math.atan2(along[1], along[0]))
    far = SQUARE + 4 * slack
    made: dict[str, Any] = {"box": [middle_x - width / 2, middle_y - height / 2, width, height]}
    if abs(along[1]) <= 2 * slack and abs(down[0]) <= 2 * slack and along[0] > 0:
        left, top, right, bottom = (ax + dx) / 2, (ay + by) / 2, (bx + cx) / 2, (cy + dy) / 2
        made = {"box": [left, top, right - left, bottom - top]}
    else:
        made["rotation"] = angle % 360
    skew = math.hypot(ax + cx - bx - dx, ay + cy - by - dy)
    across = abs(math.hypot(cx - ax, cy - ay) - math.hypot(dx - bx, dy - by))
    if skew > far or across > far:
        made["askew"] = True
    return made

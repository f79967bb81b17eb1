"""labelme's shapes: pixels already, by `shape_type`. Pure."""

from __future__ import annotations

import base64
import binascii
import io
import math
from typing import Any

from workflows.collection.importers import pixels
from workflows.collection.importers.found import finite, minus

Shapes = dict[str, tuple[dict[str, Any], ...]]
_LEAST = {"polygon": 3, "rectangle": 2, "oriented_rectangle": 4, "circle": 2, "line": 2, "linestrip": 2, "point": 1, "points": 1, "mask": 1}


def shape_of(shape: dict[str, Any], width: int | None, height: int | None) -> Shapes:
    """`ValueError` says what is wrong with it."""
    kind = shape.get("shape_type") or "polygon"  # old files name none
    if not isinstance(kind, str) or kind not in _LEAST:
        raise ValueError(f"the shape_type {str(kind)[:60]!r} has no place here")
    points = _points(shape.get("points"), _LEAST[kind])
    if kind == "rectangle":
        (left, right), (top, bottom) = (sorted(point[axis] for point in points[:2]) for axis in (0, 1))
        return {"box": ({"box": [left, top, minus(right, left), minus(bottom, top)]},)}
    if kind == "oriented_rectangle":
        return _turned(points[:4])
    if kind == "circle":
        (x, y), edge = points[:2]
        radius = math.dist((x, y), edge)
        return pixels.ellipse(x, y, radius, radius)
    if kind in ("line", "linestrip"):
        return {"polyline": ({"points": points},)}
    if kind in ("point", "points"):
        return {"point": tuple({"points": [point]} for point in points)}
    if kind == "mask":
        return {"mask": ({"rle": _mask(shape.get("mask"), points[0], width, height)},)}
    return {"polygon": ({"points": points},)}


def _points(raw: Any, least: int) -> list[list[float]]:
    if not isinstance(raw, list) or not all(isinstance(point, list) and len(point) == 2 for point in raw):
        raise ValueError("points must be a list of [x, y]")
    points = [[finite(x), finite(y)] for x, y in raw]
    if len(points) < least:
        raise ValueError(f"at least {least} points are needed")
    return points


def _turned(points: list[list[float]]) -> Shapes:
    """Four corners in order, clockwise from the first of the unturned box: a box where the angles are right, else only a polygon."""
    first, second, third, last = points
    across, down = (second[0] - first[0], second[1] - first[1]), (last[0] - first[0], last[1] - first[1])
    width, height = math.hypot(*across), math.hypot(*down)
    shapes: Shapes = {"polygon": ({"points": points},)}
    size = max(width, height)
    square = abs(across[0] * down[0] + across[1] * down[1]) <= 1e-6 * size * size
    closed = math.dist((first[0] + across[0] + down[0], first[1] + across[1] + down[1]), third) <= 1e-6 * size
    clockwise = across[0] * down[1] - across[1] * down[0] > 0
    if not (square and closed and clockwise):
        return shapes
    middle = [(first[axis] + third[axis]) / 2 for axis in (0, 1)]
    box = [round(middle[0] - width / 2, 9), round(middle[1] - height / 2, 9), round(width, 9), round(height, 9)]
    return {"box": ({"box": box, "rotation": round(math.degrees(math.atan2(across[1], across[0])) % 360, 9)},), **shapes}


def _mask(raw: Any, corner: list[float], width: int | None, height: int | None) -> dict[str, Any]:
    import numpy as np
    from PIL import Image

    pixels.check_size(width, height)
    assert width is not None and height is not None
    if not isinstance(raw, str):
        raise ValueError("a mask needs its picture")
    try:
        with Image.open(io.BytesIO(base64.b64decode(raw, validate=True)), formats=("PNG",)) as picture:
            if picture.width > width or picture.height > height:
                raise ValueError("the mask is larger than the picture")
            grid = np.array(picture.convert("L"))
    except (OSError, SyntaxError, binascii.Error, Image.DecompressionBombError) as error:
        raise ValueError(f"the mask is no PNG ({type(error).__name__})") from None
    return pixels.placed(grid, round(corner[0]), round(corner[1]), width, height)

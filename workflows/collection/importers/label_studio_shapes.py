"""Label Studio's values as shapes: percent to pixels, a turned box from its turned corner, text from UTF-16 units. Pure.

Percent are divisions, so pixels would come back with a tail of digits. Of the numbers that give the very same percent, the one with
the fewest digits is taken: that is how it was drawn, and it goes out again as it came in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from workflows.collection.importers import pixels
from workflows.collection.importers.found import finite
from workflows.collection.importers.label_studio_brush import decode

Shapes = dict[str, tuple[dict[str, Any], ...]]
DIGITS = range(13)


def _number(value: dict[str, Any], name: str) -> float:
    try:
        return finite(value.get(name))
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None


def pixel(percent: float, size: float) -> float:
    """The place in pixels.

    >>> pixel(30.7 * 100 / 64, 64), pixel(50, 64)
    (30.7, 32.0)
    """
    exact = percent * size / 100
    for digits in DIGITS:
        near = round(exact, digits)
        if near * 100 / size == percent:
            return near
    return exact


def box_of(value: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    """A box with its rotation; `x, y` is the corner that was top left before it was turned, where it lies after that."""
    given = [_number(value, name) for name in ("x", "y", "width", "height")]
    rotation = _number(value, "rotation") if value.get("rotation") is not None else 0
    w, h = pixel(given[2], width), pixel(given[3], height)
    if not rotation % 360:
        return {"box": [pixel(given[0], width), pixel(given[1], height), w, h]}
    cos, sin = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    corner_x, corner_y = given[0] * width / 100, given[1] * height / 100
    middle_x, middle_y = corner_x + w / 2 * cos - h / 2 * sin, corner_y + w / 2 * sin + h / 2 * cos
    exact = middle_x - w / 2, middle_y - h / 2
    for digits in DIGITS:
        x, y = round(exact[0], digits), round(exact[1], digits)
        back_x = (x + w / 2) - w / 2 * cos + h / 2 * sin
        back_y = (y + h / 2) - w / 2 * sin - h / 2 * cos
        if back_x * 100 / width == given[0] and back_y * 100 / height == given[1]:
            return {"box": [x, y, w, h], "rotation": rotation}
    return {"box": [round(exact[0], 9), round(exact[1], 9), w, h], "rotation": rotation}


def _box(value: dict[str, Any], width: int, height: int) -> Shapes:
    return {"box": (box_of(value, width, height),)}


def _polygon(value: dict[str, Any], width: int, height: int) -> Shapes:
    raw = value.get("points")
    if not isinstance(raw, list) or not all(isinstance(point, list) and len(point) == 2 for point in raw):
        raise ValueError("points must be a list of [x, y]")
    points = [[pixel(finite(x), width), pixel(finite(y), height)] for x, y in raw]
    if value.get("closed") is False:
        return {"polyline": ({"points": points},)}
    return {"polygon": ({"points": points},)}


def _point(value: dict[str, Any], width: int, height: int) -> Shapes:
    return {"point": ({"points": [[pixel(_number(value, "x"), width), pixel(_number(value, "y"), height)]]},)}


def _ellipse(value: dict[str, Any], width: int, height: int) -> Shapes:
    x, y = pixel(_number(value, "x"), width), pixel(_number(value, "y"), height)
    across, down = pixel(_number(value, "radiusX"), width), pixel(_number(value, "radiusY"), height)
    turned = _number(value, "rotation") if value.get("rotation") is not None else 0
    return pixels.ellipse(x, y, across, down, turned)


def _brush(value: dict[str, Any], width: int, height: int) -> Shapes:
    if value.get("format", "rle") != "rle":
        raise ValueError("a brush must be rle")
    return {"mask": ({"rle": pixels.placed(decode(value.get("rle"), width, height), 0, 0, width, height)},)}


_SHAPES: dict[str, Callable[[dict[str, Any], int, int], Shapes]] = {
    "rectangle": _box,
    "polygon": _polygon,
    "keypoint": _point,
    "ellipse": _ellipse,
    "brush": _brush,
}


def shape_of(kind: str, value: dict[str, Any], width: int | None, height: int | None) -> Shapes:
    """The shapes of a region on a picture, `kind` without "labels"; `ValueError` says what is wrong."""
    if kind not in _SHAPES:
        raise ValueError(f"a {kind or 'region of no type'} has no place here")
    if not width or not height:
        raise ValueError("original_width and original_height are needed, since places are in percent")
    return _SHAPES[kind](value, width, height)


class Places:
    """Places of a text in code points, from UTF-16 units, in which browsers count."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._wide = any(ord(character) > 0xFFFF for character in text)

    def _of(self, unit: int) -> int:
        if not self._wide:
            return unit
        return len(self._text.encode("utf-16-le", "surrogatepass")[: 2 * unit].decode("utf-16-le", "ignore"))

    def span(self, value: dict[str, Any]) -> dict[str, Any]:
        """A span; where the quoted text shows that units were code points already, they are."""
        told = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
        assert isinstance(told, dict)
        start, end = told.get("start"), told.get("end")
        if type(start) is not int or type(end) is not int or not 0 <= start < 2**31 or not 0 <= end < 2**31:
            raise ValueError("start and end must be whole numbers")
        quote = value.get("text") if isinstance(value.get("text"), str) else None
        first, last = self._of(start), self._of(end)
        if quote is not None and self._wide and self._text[first:last] != quote and self._text[start:end] == quote:
            first, last = start, end
        return {"start": first, "end": last} | ({"text": quote} if quote is not None else {})

"""CVAT's elements as shapes: boxes by their edges, points as texts, masks row by row within a rectangle. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from workflows.collection.importers import pixels
from workflows.collection.importers.found import finite, minus

Shapes = dict[str, tuple[dict[str, Any], ...]]


def _number(element: Element, name: str) -> float:
    text = element.get(name)
    if text is None:
        raise ValueError(f"{element.tag} needs {name}")
    try:
        return finite(float(text))
    except ValueError:
        raise ValueError(f"{name} must be a finite number") from None


def _whole(element: Element, name: str) -> int:
    number = _number(element, name)
    if number != int(number):
        raise ValueError(f"{name} must be a whole number")
    return int(number)


def points_of(element: Element, least: int) -> list[list[float]]:
    points = []
    for pair in filter(None, (element.get("points") or "").split(";")):
        try:
            x, y = (finite(float(value)) for value in pair.split(","))
        except ValueError:
            raise ValueError("points must be x,y;x,y with finite numbers") from None
        points.append([x, y])
    if len(points) < least:
        raise ValueError(f"{element.tag} needs at least {least} points")
    return points


def _box(element: Element, width: int | None, height: int | None) -> Shapes:
    left, top, right, bottom = (_number(element, name) for name in ("xtl", "ytl", "xbr", "ybr"))
    made: dict[str, Any] = {"box": [left, top, minus(right, left), minus(bottom, top)]}
    if element.get("rotation") is not None and _number(element, "rotation"):
        made["rotation"] = _number(element, "rotation")
    return {"box": (made,)}


def _polygon(element: Element, width: int | None, height: int | None) -> Shapes:
    return {"polygon": ({"points": points_of(element, 3)},)}


def _polyline(element: Element, width: int | None, height: int | None) -> Shapes:
    return {"polyline": ({"points": points_of(element, 2)},)}


def _points(element: Element, width: int | None, height: int | None) -> Shapes:
    points = points_of(element, 1)
    single: Shapes = {"point": tuple({"points": [point]} for point in points)}
    return single if len(points) == 1 else {"keypoints": ({"points": [[x, y, 2] for x, y in points]},), **single}


def _ellipse(element: Element, width: int | None, height: int | None) -> Shapes:
    turned = _number(element, "rotation") if element.get("rotation") is not None else 0
    x, y, across, down = (_number(element, name) for name in ("cx", "cy", "rx", "ry"))
    return pixels.ellipse(x, y, across, down, turned)


def _mask(element: Element, width: int | None, height: int | None) -> Shapes:
    try:
        runs = [int(run) for run in (element.get("rle") or "").split(",")]
    except ValueError:
        raise ValueError("rle must be whole numbers") from None
    left, top, wide, high = (_whole(element, name) for name in ("left", "top", "width", "height"))
    pixels.check_size(width, height)
    assert width is not None and height is not None
    return {"mask": ({"rle": pixels.placed(pixels.from_runs(runs, wide, high), left, top, width, height)},)}


def _skeleton(element: Element, width: int | None, height: int | None) -> Shapes:
    found: list[list[float]] = []
    for point in element.findall("points"):
        ((x, y),) = points_of(point, 1)[:1]
        seen = 0 if point.get("outside") == "1" else 1 if point.get("occluded") == "1" else 2
        found.append([x, y, seen] if seen else [0, 0, 0])
    if not found:
        raise ValueError("a skeleton needs points")
    return {"keypoints": ({"points": found},)}


SHAPES: dict[str, Callable[[Element, int | None, int | None], Shapes]] = {
    "box": _box,
    "polygon": _polygon,
    "polyline": _polyline,
    "points": _points,
    "ellipse": _ellipse,
    "mask": _mask,
    "skeleton": _skeleton,
}

"""Objects as Label Studio's regions: percent of width and height, a turned box by its turned corner, text in UTF-16 units. Pure."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from workflows.exporters.coco_shapes import shape
from workflows.exporters.label_studio_brush import encode

CONTROLS = {"box": "RectangleLabels", "polygon": "PolygonLabels", "mask": "BrushLabels", "point": "KeyPointLabels", "keypoints": "RectangleLabels", "span": "Labels"}
NAMES = {"box": "boxes", "polygon": "polygons", "mask": "masks", "point": "points", "keypoints": "boxes", "span": "spans"}
_DOT = 0.5  # a point's drawn size in percent of the width: Label Studio wants one


def percent(value: float, size: float) -> float:
    return value * 100 / size


def box_value(box: Sequence[float], rotation: float, width: float, height: float) -> dict[str, float]:
    """`x, y` is the corner that was top left before the box was turned about its centre, where it lies after that."""
    x, y, w, h = box
    if rotation % 360:
        cos, sin = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
        middle_x, middle_y = x + w / 2, y + h / 2
        x, y = middle_x - w / 2 * cos + h / 2 * sin, middle_y - w / 2 * sin - h / 2 * cos
    return {"x": percent(x, width), "y": percent(y, height), "width": percent(w, width), "height": percent(h, height), "rotation": rotation}


def _points(points: Any, width: float, height: float) -> list[list[float]]:
    return [[percent(x, width), percent(y, height)] for x, y in points]


def _box(thing: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    return box_value(thing["box"], thing.get("rotation", 0), width, height)


def _polygon(thing: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    return {"points": _points(thing["points"], width, height), "closed": True}


def _point(thing: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    ((x, y),) = thing["points"]
    return {"x": percent(x, width), "y": percent(y, height), "width": _DOT}


def _mask(thing: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    import numpy as np

    from annotate.labels.masks import decode

    runs = np.array(decode(thing["rle"]["counts"]), dtype=np.int64)
    rows, columns = thing["rle"]["size"]
    pixels = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(columns, rows).T
    return {"format": "rle", "rle": encode(pixels)}


def _pose(thing: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    made = shape(thing)
    assert made is not None
    return box_value(made["bbox"], 0, width, height)


_VALUES: dict[str, Callable[[dict[str, Any], int, int], dict[str, Any]]] = {"box": _box, "polygon": _polygon, "point": _point, "mask": _mask, "keypoints": _pose}


def region(thing: dict[str, Any], width: int, height: int) -> dict[str, Any] | None:
    """The region of an object in a picture, None for a kind that Label Studio has not."""
    maker = _VALUES.get(thing["kind"])
    if maker is None:
        return None
    return _region(thing, maker(thing, width, height), "image") | {"original_width": width, "original_height": height, "image_rotation": 0}


def keypoints(thing: dict[str, Any], names: Sequence[str], width: int, height: int) -> list[dict[str, Any]]:
    """The labelled points of a skeleton, each a region below that of the whole."""
    made = []
    for place, (x, y, seen) in enumerate(thing["points"]):
        if seen:
            name = names[place] if place < len(names) else str(place + 1)
            one = {"id": f"{thing['id']}-{place + 1}", "kind": "point", "label": name, "points": [[x, y]]}
            made.append((region(one, width, height) or {}) | {"parentID": thing["id"]})
    return made


def _region(thing: dict[str, Any], value: dict[str, Any], to: str) -> dict[str, Any]:
    kind = thing["kind"]
    type = CONTROLS[kind].lower()
    return {"id": thing["id"], "type": type, "from_name": NAMES[kind], "to_name": to, "origin": "manual", "value": value | {type: [thing["label"]]}}


class Units:
    """Places of a text in UTF-16 units, in which browsers count."""

    def __init__(self, text: str) -> None:
        self._wide = [place for place, character in enumerate(text) if ord(character) > 0xFFFF]

    def of(self, place: int) -> int:
        return place + bisect_left(self._wide, place)


def span(thing: dict[str, Any], text: str, units: Units) -> dict[str, Any]:
    start, end = thing["start"], thing["end"]
    return _region(thing, {"start": units.of(start), "end": units.of(end), "text": text[start:end]}, "text")

"""labelme: a JSON file per picture, beside it below `images/`, of the same stem, as labelme looks for it. Pure.

Where two pictures of a folder have one stem, the second's file keeps the ending (`a.png%.json`). Flags are the attributes that are
true or false; all attributes, the values of the item and object ids stand in fields of their own, which labelme keeps. Holes of
polygons, tracks and relations have no place: they are counted in the export's notes; of a skeleton the labelled points come singly, in
the group of a rectangle around them.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson

from workflows.exporters.coco_shapes import corners, shape
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.rectangles import tight

VERSION = "5.5.0"  # of labelme, whose form this is
Made = tuple[str, list[list[float]], dict[str, Any]]


class Stems:
    """Names of the label files of keys that come in order of their bytes; of equal stems the first has it.

    All keys that begin with "a." come in a row, so only stems that the present key begins with are remembered.
    """

    def __init__(self) -> None:
        self._open: list[str] = []

    def name(self, key: str, name: str) -> str:
        stem, dot, ending = key.rpartition(".")
        if not dot or "/" in ending or not stem.rpartition("/")[2]:
            return f"{name}%.json"  # nothing else has a bare %
        while self._open and not key.startswith(self._open[-1]):
            self._open.pop()
        if f"{stem}." in self._open or "." not in name.rpartition("/")[2]:
            return f"{name}%.json"
        self._open.append(f"{stem}.")
        return f"{name.rpartition('.')[0]}.json"


def plus(first: float, second: float) -> float:
    """The sum of the numbers as they are written, so that the difference read back is the very second one."""
    return float(Decimal(repr(first)) + Decimal(repr(second)))


def _box(thing: dict[str, Any]) -> Made:
    x, y, w, h = thing["box"]
    if thing.get("rotation"):
        return "oriented_rectangle", corners(thing["box"], thing["rotation"]), {}
    return "rectangle", [[x, y], [plus(x, w), plus(y, h)]], {}


def _mask(thing: dict[str, Any]) -> Made:
    from PIL import Image

    left, top, pixels = tight(thing["rle"])
    height, width = pixels.shape
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    place = [[left, top], [left + width - 1, top + height - 1]]
    return "mask", place, {"mask": base64.b64encode(out.getvalue()).decode()}


def _pose(thing: dict[str, Any]) -> Made:
    made = shape(thing)
    assert made is not None
    x, y, w, h = made["bbox"]
    return "rectangle", [[x, y], [plus(x, w), plus(y, h)]], {}


_SHAPES: dict[str, Callable[[dict[str, Any]], Made]] = {
    "box": _box,
    "polygon": lambda thing: ("polygon", thing["points"], {}),
    "polyline": lambda thing: ("linestrip", thing["points"], {}),
    "point": lambda thing: ("point", thing["points"], {}),
    "mask": _mask,
    "keypoints": _pose,
}


def _shape(label: str, made: Made, *, group: int | None = None, attributes: dict[str, Any] | None = None, id: str = "") -> dict[str, Any]:
    kind, points, more = made
    flags = {name: value for name, value in (attributes or {}).items() if isinstance(value, bool)}
    built = {"label": label, "points": points, "group_id": group, "description": "", "shape_type": kind, "flags": flags, "mask": None} | more
    if attributes:
        built["attributes"] = attributes
    return built | ({"id": id} if id else {})


class LabelmeWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._stems = Stems()

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if row.erased:
            return
        path = self._stems.name(row.key, name)
        if not chosen:
            return
        document = orjson.loads(row.document) if row.document else {}
        said = document.get("item") or {}
        made: dict[str, Any] = {"version": VERSION, "flags": {name: value for name, value in said.items() if isinstance(value, bool)}}
        made |= {"shapes": self._shapes(document), "imagePath": name.rpartition("/")[2], "imageData": None}
        made |= {"imageHeight": row.height, "imageWidth": row.width, "key": row.key, "split": row.split or None}
        if said:
            made["item"] = said
        if not row.width or not row.height:
            self._about.notes["images_without_size"] += 1
        with self._folder.new(f"images/{path}") as file:
            file.write(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")

    def _shapes(self, document: dict[str, Any]) -> list[dict[str, Any]]:
        notes, found = self._about.notes, []
        groups = 0
        for thing in document.get("objects", ()):
            maker = _SHAPES.get(thing["kind"])
            if maker is None:
                notes[f"left_out_{thing['kind']}"] += 1
                continue
            pose = thing["kind"] == "keypoints"
            groups += pose
            attributes = thing.get("attributes")
            found.append(_shape(thing["label"], maker(thing), group=groups if pose else None, attributes=attributes, id=thing["id"]))
            if pose:
                notes["keypoints_as_single_points"] += 1
                found += self._points(thing, groups)
            notes.update({word: 1 for word, held in (("holes_left_out", "holes"), ("tracks_left_out", "track")) if thing.get(held)})
        return found

    def _points(self, thing: dict[str, Any], group: int) -> list[dict[str, Any]]:
        label = self._about.schema.labels.get(thing["label"])
        names = label.points if label is not None and label.points else [str(place + 1) for place in range(len(thing["points"]))]
        return [_shape(name, ("point", [[x, y]], {}), group=group) for name, (x, y, seen) in zip(names, thing["points"], strict=False) if seen]

    def finish(self) -> None: ...

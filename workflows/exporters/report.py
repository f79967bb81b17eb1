"""A report for spreadsheets: `objects.csv`, one line per object, RFC 4180, UTF-8 with its mark. Pure.

It is for people. A text that a spreadsheet would carry out as a formula begins with an apostrophe here, so texts are not
what they were: whoever trains takes another format. An item without objects has one line, without an object. Places are
those of the object's bounds: x, y, width, height in pixels, or start and end in code points.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson

from annotate.kernel import canonical
from workflows.exporters.coco_shapes import shape
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About

FILE = "objects.csv"
COLUMNS = (
    "key", "split", "batch", "group", "frame", "picture_width", "picture_height", "object", "kind", "label", "x", "y", "width", "height", "rotation",
    "area", "points", "start", "end", "text", "from", "to", "attributes", "item", "labelled_by", "labelled_at", "reviewed_by", "approved_by", "approved_at",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # what a spreadsheet would carry out, the wide forms too
FLUSH = 256 * 1024


def safe(value: Any) -> Any:
    """The cell's value; numbers stay numbers.

    >>> safe("=1+1"), safe("a=1"), safe(-3.5)
    ("'=1+1", 'a=1', -3.5)
    """
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.lstrip(" \xa0").startswith(_FORMULA) else value


def _bounds(thing: dict[str, Any]) -> dict[str, Any]:
    kind = thing["kind"]
    if kind == "box":
        x, y, w, h = thing["box"]
        return {"x": x, "y": y, "width": w, "height": h, "rotation": thing.get("rotation", 0), "area": w * h}
    if kind == "span":
        return {"start": thing["start"], "end": thing["end"], "text": thing.get("text")}
    if kind == "relation":
        return {"from": thing["from"], "to": thing["to"]}
    made = shape(thing)
    if made is not None:
        box, area = made["bbox"], None if kind == "keypoints" else made["area"]
    else:  # lines and points
        xs, ys = [point[0] for point in thing["points"]], [point[1] for point in thing["points"]]
        box, area = [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)], None
    return {"x": box[0], "y": box[1], "width": box[2], "height": box[3], "area": area, "points": len(thing["points"]) if "points" in thing else None}


class CsvWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._folder, self._file = folder, folder.open(FILE)
        self._text = io.StringIO(newline="")
        self._text.write("\ufeff")  # without it Excel takes UTF-8 for something older
        self._lines = csv.DictWriter(self._text, COLUMNS, restval="")
        self._lines.writeheader()

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen or row.erased:
            return
        document = orjson.loads(row.document) if row.document else {}
        plain = {column: getattr(row, column) for column in ("key", "split", "batch", "group", "frame")}
        plain |= {"picture_width": row.width, "picture_height": row.height}
        plain |= {name: row.provenance.get(name) for name in COLUMNS[-5:]}
        if document.get("item"):
            plain["item"] = canonical.dumps(document["item"])
        for thing in document.get("objects") or [None]:
            self._line(plain | self._object(row, thing) if thing else plain)
        if self._text.tell() > FLUSH:
            self._flush()

    def _object(self, row: Any, thing: dict[str, Any]) -> dict[str, Any]:
        made = {"object": thing["id"], "kind": thing["kind"], "label": thing["label"], **_bounds(thing)}
        if thing["kind"] == "span" and row.text is not None:
            made["text"] = row.text[thing["start"] : thing["end"]]
        if thing.get("attributes"):
            made["attributes"] = canonical.dumps(thing["attributes"])
        return made

    def _line(self, cells: dict[str, Any]) -> None:
        self._lines.writerow({name: "" if value is None else safe(value) for name, value in cells.items()})

    def _flush(self) -> None:
        self._file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()

    def finish(self) -> None:
        self._flush()
        self._folder.close(self._file)

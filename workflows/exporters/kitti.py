"""KITTI objects: `<split>/image_2/`, `<split>/label_2/` with one text file per picture, 15 columns a line. Pure.

Columns: type, truncated, occluded, alpha, left, top, right, bottom (pixels from 0), height, width, length, x, y, z,
rotation_y; what a picture does not tell has KITTI's marks for unknown. `truncated` and `occluded` come from attributes of
these names, 0 where there is none. A type holds no blanks: `labels.json` says which label each stands for. A label called
DontCare marks ignored regions. The train split's folder is KITTI's `training`, the test split's `testing`.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from annotate.labels.schema import Schema
from workflows.exporters.flat import stem_of
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.outlines import bounds, within
from workflows.exporters.splits import folder_of

IGNORED = "DontCare"
_UNKNOWN = "-1 -1 -1 -1000 -1000 -1000 -10"  # dimensions, place, rotation
_FOLDERS = {"train": "training", "test": "testing", "": "training"}


def types_of(schema: Schema) -> dict[str, str]:
    """Each label's type: its name without blanks, with a number where two would become the same."""
    found: dict[str, str] = {}
    taken = {name for name in schema.labels if not re.search(r"\s", name)}
    for name in schema.labels:
        made = plain = re.sub(r"\s", "_", name)
        number = 2
        while made != name and made in taken:
            made, number = f"{plain}_{number}", number + 1
        taken.add(made)
        found[name] = made
    return found


def decimals(value: float) -> str:
    """At least two digits behind the point, as KITTI has them, at most six.

    >>> decimals(3), decimals(1.25), decimals(0.1234567)
    ('3.00', '1.25', '0.123457')
    """
    made = f"{value:.6f}".rstrip("0")
    whole, _point, part = made.partition(".")
    return f"{whole}.{part:0<2}"


class KittiWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._types = types_of(about.schema)

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen or row.erased:
            return
        lines = [line for thing in orjson.loads(row.document).get("objects", ()) if (line := self._line(thing, row))]
        self._folder.put(f"{_folder(row)}/label_2/{stem_of(name)}.txt", "".join(lines).encode())

    def _line(self, thing: dict[str, Any], row: Any) -> str:
        notes, kind = self._about.notes, thing["kind"]
        box = bounds(thing)
        type = self._types.get(thing["label"])
        if box is None or type is None:
            notes["labels_not_in_the_schema" if box is not None else f"left_out_{kind}"] += 1
            return ""
        if kind != "box":
            notes[f"{kind}_as_box"] += 1
        elif thing.get("rotation"):
            notes["turned_boxes_as_bounds"] += 1
        if row.width and row.height:
            box = within(box, row.width, row.height)
        attributes = thing.get("attributes") or {}
        if set(attributes) - {"truncated", "occluded"}:
            notes["attributes_left_out"] += 1
        states = "-1 -1 -10" if type == IGNORED else f"{_share(attributes.get('truncated'))} {_degree(attributes.get('occluded'))} -10"
        places = " ".join(decimals(value) for value in (box[0], box[1], box[0] + box[2], box[1] + box[3]))
        return f"{type} {states} {places} {_UNKNOWN}\n"

    def finish(self) -> None:
        named = {type: name for name, type in self._types.items()}
        meta = {"labels": list(named), "names": named}
        self._folder.put("dataset_meta.json", orjson.dumps(meta, option=orjson.OPT_INDENT_2) + b"\n")


def kitti_place(row: Any, name: str) -> str:
    return f"{_folder(row)}/image_2/{name}"


def _folder(row: Any) -> str:
    return _FOLDERS.get(row.split) or folder_of(row.split)


def _share(value: Any) -> str:
    """0 to 1."""
    number = float(value) if isinstance(value, bool | int | float) else 0.0
    return f"{min(1.0, max(0.0, number)):.2f}"


def _degree(value: Any) -> int:
    """0 seen whole, 1 partly, 2 largely hidden, 3 unknown; also from the digits of a choice."""
    if isinstance(value, str) and value in ("0", "1", "2", "3"):
        return int(value)
    return min(3, max(0, int(value))) if isinstance(value, bool | int | float) else 0

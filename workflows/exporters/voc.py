"""Pascal VOC: `JPEGImages/`, `Annotations/` with an XML file per picture, `ImageSets/`, `labelmap.txt`. Pure.

Corners are the numbers as drawn, with nothing added or taken: xmin = x, xmax = x + width. So do CVAT, datumaro and our own
importer; a reader that holds to VOC's old habit of counting pixels from 1 finds boxes one pixel to the left and above.
Every shape with an area has its upright bounds; pictures with polygons or masks have class and object pictures too.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import orjson

from workflows.exporters.colours import MOST, class_colours, png, voc_colours
from workflows.exporters.flat import stem_of
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.outlines import bounds, within
from workflows.exporters.painting import AREAS, paint
from workflows.exporters.voc_lists import Lists

FLAGS = ("truncated", "difficult", "occluded")


def number(value: float) -> str:
    """At most six digits behind the point, none where they are zeros.

    >>> number(3), number(1.5), number(0.30000000000000004)
    ('3', '1.5', '0.3')
    """
    return f"{value:.6f}".rstrip("0").rstrip(".")


class VocWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._classes = {name: place for place, name in enumerate(about.schema.labels, start=1)}
        self._colours = class_colours(about.schema)
        self._lists = Lists(about, folder)

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen or row.erased:
            return
        notes, stem = self._about.notes, stem_of(name)
        objects = orjson.loads(row.document).get("objects", ())
        parts: list[str] = []
        held: dict[str, bool] = {}
        painted: list[dict[str, Any]] = []
        for thing in objects:
            box = bounds(thing)
            if box is None or thing["label"] not in self._classes:
                notes[f"left_out_{thing['kind']}"] += 1
                continue
            if row.width and row.height:
                box = within(box, row.width, row.height)
            if thing.get("rotation"):
                notes["turned_boxes_as_bounds"] += 1
            attributes = thing.get("attributes") or {}
            parts.append(_object(thing["label"], box, attributes))
            held[thing["label"]] = held.get(thing["label"], False) or attributes.get("difficult") is not True
            if thing["kind"] in AREAS:
                painted.append(thing)
            elif thing["kind"] != "box":
                notes[f"{thing['kind']}_as_box"] += 1
        drawn = bool(painted) and self._paint(painted, stem, row)
        self._folder.put(f"Annotations/{stem}.xml", _document(row, name, parts, drawn).encode())
        self._lists.take(row.split, stem, held, drawn)

    def _paint(self, painted: list[dict[str, Any]], stem: str, row: Any) -> bool:
        notes = self._about.notes
        if not row.width or not row.height or len(self._classes) > MOST:
            notes["areas_as_boxes"] += len(painted)
            return False
        if len(painted) > MOST:
            notes["areas_as_boxes"] += len(painted) - MOST
        kinds, numbers, found = paint(painted[:MOST], self._classes, row.width, row.height)
        if covered := sum(not seen for _kind, seen in found):
            notes["covered_objects"] += covered
        self._folder.put(f"SegmentationClass/{stem}.png", png(kinds, self._colours))
        self._folder.put(f"SegmentationObject/{stem}.png", png(numbers, voc_colours()))
        return True

    def finish(self) -> None:
        lines = ["# label:color_rgb:parts:actions"]
        for name, (red, green, blue) in zip(["background", *self._classes], self._colours, strict=True):
            lines.append(f"{name.replace(':', '_')}:{red},{green},{blue}::")
        self._folder.put("labelmap.txt", "\n".join([*lines, ""]).encode())
        self._lists.finish()


def voc_place(row: Any, name: str) -> str:
    return f"JPEGImages/{name}"


def _document(row: Any, name: str, parts: list[str], drawn: bool) -> str:
    size = f"  <size>\n    <width>{row.width or 0}</width>\n    <height>{row.height or 0}</height>\n    <depth>3</depth>\n  </size>\n"
    head = f"<annotation>\n  <folder>JPEGImages</folder>\n  <filename>{escape(name)}</filename>\n"
    return f"{head}{size}  <segmented>{int(drawn)}</segmented>\n{''.join(parts)}</annotation>\n"


def _object(label: str, box: Any, attributes: dict[str, Any]) -> str:
    pose = attributes.get("pose")
    lines = [f"    <name>{escape(label)}</name>", f"    <pose>{escape(pose) if isinstance(pose, str) and pose.strip() else 'Unspecified'}</pose>"]
    for flag in FLAGS[:2]:
        lines.append(f"    <{flag}>{int(attributes.get(flag) is True)}</{flag}>")
    if isinstance(attributes.get("occluded"), bool):
        lines.append(f"    <occluded>{int(attributes['occluded'])}</occluded>")
    ends = (("xmin", box[0]), ("ymin", box[1]), ("xmax", box[0] + box[2]), ("ymax", box[1] + box[3]))
    lines += ["    <bndbox>", *(f"      <{side}>{number(value)}</{side}>" for side, value in ends), "    </bndbox>"]
    rest = {name: value for name, value in attributes.items() if not (name in FLAGS and isinstance(value, bool)) and not (name == "pose" and isinstance(value, str))}
    if rest:
        lines.append("    <attributes>")
        for name, value in rest.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"      <attribute>\n        <name>{escape(name)}</name>\n        <value>{escape(_text(one))}</value>\n      </attribute>")
        lines.append("    </attributes>")
    return "\n".join(["  <object>", *lines, "  </object>", ""])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else orjson.dumps(value).decode()

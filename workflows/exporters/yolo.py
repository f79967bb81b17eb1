"""YOLO (Ultralytics layout): `data.yaml`, `images/<split>/`, `labels/<split>/` with one text file per picture. Pure.

Class numbers are the labels' places in the schema, from 0, the same in every split and version. A picture without objects
has an empty file: that is a negative. A picture whose size is not known cannot be written and is left out, file and all.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from workflows.exporters.flat import stem_of
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.splits import folder_of, part_of
from workflows.exporters.yolo_lines import TASKS, Frame, Lines, longest_skeleton

USUAL = ("train", "val", "test")  # the parts that readers know


class YoloWriter:
    def __init__(self, lines: Lines, about: About, folder: Folder) -> None:
        self._lines, self._about, self._folder = lines, about, folder
        self._classes = {name: place for place, name in enumerate(about.schema.labels)}
        self._points = longest_skeleton(about.schema) if TASKS[lines] == "pose" else 0
        self._splits: dict[str, None] = {about.split: None} if about.split else {}

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen or row.erased:
            return
        self._splits[row.split] = None
        if not row.width or not row.height:
            self._about.notes["pictures_without_size"] += 1
            return
        notes = self._about.notes
        frame = Frame(row.width, row.height, notes, self._points)
        written: list[str] = []
        for thing in orjson.loads(row.document).get("objects", ()):
            place = self._classes.get(thing["label"]) if thing["kind"] != "relation" else None
            if place is None:
                notes["left_out_relation" if thing["kind"] == "relation" else "labels_not_in_the_schema"] += 1
                continue
            before = len(written)
            written.extend(f"{place} {line}\n" for line in self._lines(thing, frame))
            if thing.get("attributes") and len(written) > before:
                notes["attributes_left_out"] += 1
        self._folder.put(f"labels/{folder_of(row.split)}/{stem_of(name)}.txt", "".join(written).encode())

    def place(self, row: Any, name: str) -> str | None:
        return f"images/{folder_of(row.split)}/{name}" if row.width and row.height else None

    def finish(self) -> None:
        self._folder.put("data.yaml", "\n".join([*self._head(), *self._names(), ""]).encode())
        self._folder.put("classes.txt", "".join(f"{name}\n" for name in self._classes).encode())

    def _head(self) -> list[str]:
        about = self._about
        lines = [f"# {json.dumps(f'{about.dataset} v{about.number}', ensure_ascii=False)}", f"task: {TASKS[self._lines]}"]
        there: dict[str, list[str]] = {}
        for split in sorted(self._splits):
            there.setdefault(part_of(split), []).append(f"images/{folder_of(split)}")
        first = there.get("train") or next(iter(there.values()), ["images/train"])
        for part in USUAL:
            if part in there:
                lines.append(f"{part}: {_listed(there[part])}")
            elif part != "test":  # readers refuse a file without the two
                lines += [f"# there is no {part} split in this export", f"{part}: {_listed(first)}"]
        return lines + [f"{json.dumps(part, ensure_ascii=False)}: {_listed(paths)}" for part, paths in there.items() if part not in USUAL]

    def _names(self) -> list[str]:
        lines = ["", "names:", *(f"  {place}: {json.dumps(name, ensure_ascii=False)}" for name, place in self._classes.items())]
        return [*lines, *self._skeletons()] if self._points else lines

    def _skeletons(self) -> list[str]:
        """`kpt_shape`, the points' names per class, and which points change places in a mirror where their names say so."""
        labels = self._about.schema.labels
        skeletons = {name: list(label.points) for name, label in labels.items() if label.points}
        lines = ["", f"kpt_shape: [{self._points}, 3]"]
        if len(skeletons) == 1:
            lines.append(f"flip_idx: {json.dumps(mirrored(next(iter(skeletons.values()))))}")
        lines.append("kpt_names:")
        return [*lines, *(f"  {self._classes[name]}: {json.dumps(points, ensure_ascii=False)}" for name, points in skeletons.items())]


def _listed(paths: list[str]) -> str:
    return json.dumps(paths[0] if len(paths) == 1 else paths, ensure_ascii=False)


def mirrored(points: list[str]) -> list[int]:
    """Place of each point's partner, by left and right in its name; its own where there is none.

    >>> mirrored(["nose", "left_eye", "right_eye"])
    [0, 2, 1]
    """
    places = {name: place for place, name in enumerate(points)}
    swap = {"left": "right", "right": "left", "Left": "Right", "Right": "Left"}
    found = []
    for place, name in enumerate(points):
        other = next((name.replace(side, way) for side, way in swap.items() if side in name), name)
        found.append(places.get(other, place))
    return found

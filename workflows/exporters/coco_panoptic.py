"""COCO panoptic: `annotations/panoptic_<split>.json` and, in the folder of that name, one PNG per picture. Pure.

A PNG's pixel is red + 256 green + 65,536 blue = the segment's id, 0 where there is nothing; ids count a picture's objects
from 1. No two segments overlap: a later object covers what it lies on, and area and box are those of what is seen. A label
whose group is "stuff" is no thing (`isthing` 0): all of it in a picture is one segment. Image and category ids are as in `coco`.
"""

from __future__ import annotations

from typing import Any

from workflows.exporters.coco import Parts, coco_head
from workflows.exporters.colours import rgb_png
from workflows.exporters.flat import stem_of
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.names import safe_step
from workflows.exporters.painting import paint, to_paint


class CocoPanopticWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._classes = {name: place for place, name in enumerate(about.schema.labels, start=1)}
        groups = {str(entry.get("name")): str(entry.get("group", "")) for entry in about.schema.document.get("labels", ())}
        self._stuff = {self._classes[name] for name in self._classes if groups.get(name, "").lower() == "stuff"}
        self._base = f"annotations/panoptic_{safe_step(about.split or 'all')}"
        categories = [
            {"id": place, "name": name, "supercategory": "", "isthing": int(place not in self._stuff), "color": _colour(about.schema.labels[name].color)}
            for name, place in self._classes.items()
        ]
        self._file = Parts(folder.open(f"{self._base}.json"), coco_head(about, categories))
        self._images = 0

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        self._images += 1
        if not chosen or row.erased:
            return
        notes = self._about.notes
        if not row.width or not row.height:
            notes["pictures_without_size"] += 1
            return
        painted = to_paint(row.document, self._classes, notes)
        image = {"id": self._images, "file_name": name, "width": row.width, "height": row.height, "key": row.key}
        self._file.image(image | ({"split": row.split} if row.split else {}))
        ids, segments = self._segments(painted, row)
        png = f"{stem_of(name)}.png"
        self._folder.put(f"{self._base}/{png}", rgb_png(ids))
        self._file.annotations([{"image_id": self._images, "file_name": png, "segments_info": segments}])

    def _segments(self, painted: list[dict[str, Any]], row: Any) -> tuple[Any, list[dict[str, Any]]]:
        import numpy as np

        _kinds, numbers, found = paint(painted, self._classes, row.width, row.height)
        ids = np.arange(len(found) + 1, dtype=np.uint32)
        first: dict[int, int] = {}
        for number, (category, seen) in enumerate(found, start=1):
            if not seen:
                self._about.notes["covered_objects"] += 1
            elif category in self._stuff:
                ids[number] = first.setdefault(category, number)
        numbers = ids[numbers]
        segments = []
        for number, (category, seen) in enumerate(found, start=1):
            if seen and ids[number] == number:
                rows, columns = np.nonzero(numbers == number)
                left, top = int(columns.min()), int(rows.min())
                box = [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1]
                segments.append({"id": number, "category_id": category, "area": len(rows), "bbox": box, "iscrowd": 0})
        return numbers, segments

    def place(self, row: Any, name: str) -> str | None:
        return f"images/{name}" if row.width and row.height else None

    def finish(self) -> None:
        self._folder.close(self._file.end())


def _colour(text: str) -> list[int]:
    return [int(text[start : start + 2], 16) for start in (1, 3, 5)]

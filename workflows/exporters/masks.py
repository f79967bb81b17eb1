"""Class and instance pictures: `classes/<split>/<stem>.png`, `instances/<split>/<stem>.png`, `labels.txt`. Pure.

A class picture holds the label's place in the schema, from 1, with the schema's colours as its palette; an instance picture
the object's number in the picture, from 1 (16 bits where there are more than 255). 0 is no object. Later objects cover
earlier ones. `labels.txt`: number, colour, name, parted by tabs. An item without objects has two pictures of nothing.
"""

from __future__ import annotations

from typing import Any

from workflows.exporters.colours import class_colours, png, voc_colours
from workflows.exporters.flat import stem_of
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.painting import paint, to_paint
from workflows.exporters.splits import folder_of


class MasksWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._classes = {name: place for place, name in enumerate(about.schema.labels, start=1)}
        self._colours = class_colours(about.schema)

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        if not chosen or row.erased:
            return
        notes = self._about.notes
        if not row.width or not row.height:
            notes["pictures_without_size"] += 1
            return
        painted = to_paint(row.document, self._classes, notes)
        kinds, numbers, found = paint(painted, self._classes, row.width, row.height)
        if covered := sum(not seen for _kind, seen in found):
            notes["covered_objects"] += covered
        where = f"{folder_of(row.split)}/{stem_of(name)}.png"
        self._folder.put(f"classes/{where}", png(kinds, self._colours))
        self._folder.put(f"instances/{where}", png(numbers, voc_colours()))

    def place(self, row: Any, name: str) -> str | None:
        return f"images/{folder_of(row.split)}/{name}" if row.width and row.height else None

    def finish(self) -> None:
        names = ["background", *self._classes]
        lines = [f"{place}\t#{red:02x}{green:02x}{blue:02x}\t{name}\n" for place, ((red, green, blue), name) in enumerate(zip(self._colours, names, strict=True))]
        self._folder.put("labels.txt", "".join(lines).encode())

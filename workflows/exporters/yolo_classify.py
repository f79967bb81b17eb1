"""Pictures in folders named by their class: `<split>/<class>/<name>`; `labels.txt` has path and class, parted by a tab. Pure.

A picture's class is its value of the schema's first choice (one of several) for whole items. Where the schema has none, it is
the label of the picture's objects, if that is one. A picture without a class is left out.
"""

from __future__ import annotations

from typing import Any

import orjson

from annotate.labels.schema import Schema
from workflows.exporters.folder import Folder
from workflows.exporters.formats import About
from workflows.exporters.names import folded, safe_step
from workflows.exporters.seen import Seen
from workflows.exporters.splits import folder_of

FLUSH = 1000


def chosen_attribute(schema: Schema) -> str | None:
    """The item attribute that tells a picture's class."""
    return next((one.name for one in schema.item.values() if one.type == "choice" and not one.multiple), None)


def class_folders(names: list[str]) -> dict[str, str]:
    """A folder for each class, no two alike on any file system."""
    seen, found = Seen(), {}
    for name in names:
        plain = safe_step(name.replace("/", "_"))
        made, number = plain, 2
        while not seen.add(folded(made)):
            made, number = f"{plain}_{number}", number + 1
        found[name] = made
    return found


class ClassifyWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._attribute = chosen_attribute(about.schema)
        names = list(about.schema.item[self._attribute].options) if self._attribute else list(about.schema.labels)
        self._folders = class_folders(names)
        self._file = folder.open("labels.txt")
        self._lines: list[str] = []
        self._now: tuple[Any, str | None] = (None, None)

    def _class(self, row: Any) -> str | None:
        document = orjson.loads(row.document)
        objects = document.get("objects", ())
        if self._attribute is not None:
            value = (document.get("item") or {}).get(self._attribute)
            if objects:
                self._about.notes["objects_left_out"] += len(objects)
        else:
            labels = {thing["label"] for thing in objects if thing["kind"] != "relation"}
            value = labels.pop() if len(labels) == 1 else None
        return value if value in self._folders else None

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        self._now = (row, None)
        if not chosen or row.erased:
            return
        value = self._class(row)
        if value is None:
            self._about.notes["pictures_without_one_class"] += 1
            return
        path = f"{folder_of(row.split)}/{self._folders[value]}/{name}"
        self._now = (row, path)
        self._lines.append(f"{path}\t{value}\n")
        if len(self._lines) > FLUSH:
            self._flush()

    def place(self, row: Any, name: str) -> str | None:
        """Of the row that was taken last."""
        assert self._now[0] is row
        return self._now[1]

    def _flush(self) -> None:
        self._file.write("".join(self._lines).encode())
        self._lines = []

    def finish(self) -> None:
        self._flush()
        self._folder.close(self._file)
        self._folder.put("classes.txt", "".join(f"{name}\n" for name in self._folders).encode())

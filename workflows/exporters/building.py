"""All files of one export from rows: the format's own, the manifest, the list of files. Pure: rows and leaves come in.

Pictures are not copied: they are listed with the place where their bytes lie already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from workflows.exporters.folder import CHUNK, Folder
from workflows.exporters.formats import About, Format, Picture
from workflows.exporters.manifest import FILES, NAMES, write_manifest
from workflows.exporters.names import Names

PICTURES = "pictures.lines"  # beside the folder, not in it
RENAMED = "renamed.lines"


def build(
    about: About,
    format: Format,
    rows: Iterable[tuple[Any, Picture | None]],
    leaves: Callable[[], Iterable[Any]],
    root: Path,
    *,
    schema: int | None,
    export: dict[str, Any],
    step: Callable[[int], None] = lambda done: None,
) -> Folder:
    """The folder, filled below `root`; what is listed in `read_pictures(root)` belongs to it too."""
    folder = Folder(root / "files")
    names = format.names()
    flat = not isinstance(names, Names)  # label files go by the stem then, which a.jpg and a.png have in common
    erased: set[int] = set()
    count = 0
    writer = format.start(about, folder)
    place = getattr(writer, "place", format.place)
    with (root / PICTURES).open("wb", buffering=CHUNK) as pictures, (root / RENAMED).open("w+b", buffering=CHUNK) as renamed:
        for row, picture in rows:
            count += 1
            chosen = not about.split or row.split == about.split
            name = ""
            if row.erased:
                erased.add(row.item_id)
            else:
                name = names.name(row.key)
            if chosen and name and (flat or name != row.key):
                renamed.write(orjson.dumps({"name": name, "key": row.key}) + b"\n")
            writer.take(row, name, chosen, picture)
            if chosen and picture is not None and place is not None and (path := place(row, name)) is not None:
                listed = [path, picture.size, picture.sha256, picture.stored, row.item_id]
                pictures.write(orjson.dumps(listed) + b"\n")
            step(count)
        writer.finish()
        if renamed.tell():
            with folder.new(NAMES) as file:
                file.copy(renamed)
    write_manifest(about, leaves(), folder, items=count, schema=schema, export=export, erased=erased)
    _list_files(folder, root)
    return folder


def _list_files(folder: Folder, root: Path) -> None:
    with folder.new(FILES) as file:
        for done in folder.written:
            file.write(orjson.dumps({"path": done.path, "size": done.size, "sha256": done.sha256}) + b"\n")
        for path, _item, picture in read_pictures(root):
            file.write(orjson.dumps({"path": path, "size": picture.size, "sha256": picture.sha256}) + b"\n")


def read_pictures(root: Path) -> Iterator[tuple[str, int, Picture]]:
    """(path in the export, item id, picture) of every picture that belongs to it."""
    with (root / PICTURES).open("rb") as lines:
        for each in lines:
            path, size, sha256, stored, item = orjson.loads(each)
            yield path, item, Picture(stored, size, sha256)

"""COCO instances, one file: `annotations/instances_<split>.json` of the split asked for, else `instances_all.json`. Pure.

`images[].file_name` is below `images/`, `images[].split` the item's split. Image ids are the item's place in key order over the whole version, from 1, and
category ids the label's place in the schema, from 1, so that the same item and label have the same id in every file. Objects
go to a side file while images are written, so memory does not grow with the version.
"""

from __future__ import annotations

import tempfile
from typing import Any

import orjson

from annotate.labels.schema import Label
from workflows.exporters.coco_shapes import shape
from workflows.exporters.folder import Counted, Folder
from workflows.exporters.formats import About
from workflows.exporters.names import safe_step

CHUNK = 1024 * 1024


class CocoWriter:
    """`FILE` is how the file's name begins, `KINDS` what it holds, `LEFT` how notes begin that count the rest."""

    FILE = "instances"
    KINDS = frozenset(("box", "polygon", "mask", "keypoints"))
    LEFT = "not_in_coco"

    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._categories = {name: place for place, name in enumerate(about.schema.labels, start=1) if self._holds(about.schema.labels[name])}
        self._file = Parts(folder.open(f"annotations/{self.FILE}_{safe_step(about.split or 'all')}.json"), coco_head(about, self._category_rows()))
        self._images = self._annotations = 0

    def take(self, row: Any, name: str, chosen: bool, picture: Any = None) -> None:
        self._images += 1
        if row.erased:
            return
        made = self._objects(row, chosen)
        if not chosen:
            return
        image = {"id": self._images, "file_name": name, "width": row.width or 0, "height": row.height or 0, "key": row.key}
        if row.split:
            image["split"] = row.split
        if row.uri:
            image["coco_url"] = row.uri
        if not row.width or not row.height:
            self._about.notes["images_without_size"] += 1
        self._file.image(image)
        for entry in made:
            self._file.annotation(entry)

    def _holds(self, label: Label) -> bool:
        return True

    def _objects(self, row: Any, chosen: bool) -> list[dict[str, Any]]:
        document = orjson.loads(row.document) if row.document else {}
        entries = []
        for thing in document.get("objects", ()):
            category = self._categories.get(thing["label"])
            fits = category is not None and thing["kind"] in self.KINDS
            made = shape(thing, self._about.notes if chosen else None, row.width, row.height) if fits else None
            if made is None:
                if chosen:
                    self._about.notes[f"{self.LEFT}_{thing['kind']}"] += 1
                continue
            self._annotations += 1
            entry: dict[str, Any] = {"id": self._annotations, "image_id": self._images, "category_id": category, **made, "iscrowd": 0}
            if thing.get("attributes"):
                entry["attributes"] = thing["attributes"]
            entry["object"] = thing["id"]
            entries.append(entry)
        return entries

    def _category_rows(self) -> list[dict[str, Any]]:
        rows = []
        for name, place in self._categories.items():
            label = self._about.schema.labels[name]
            row: dict[str, Any] = {"id": place, "name": name, "supercategory": ""}
            if label.points:  # COCO counts the ends of a skeleton's edges from 1
                row |= {"keypoints": list(label.points), "skeleton": [[start + 1, end + 1] for start, end in label.edges]}
            rows.append(row)
        return rows

    def finish(self) -> None:
        self._folder.close(self._file.end())


def coco_head(about: About, categories: list[dict[str, Any]]) -> bytes:
    """The file's beginning, up to its images."""
    info = {
        "description": f"{about.dataset} v{about.number}",
        "version": str(about.number),
        "date_created": about.created_at,
        "year": int(about.created_at[:4]),
        "sluice": {"dataset": about.dataset, "number": about.number, "root": about.root, "split": about.split},
    }
    return orjson.dumps({"info": info, "licenses": [], "categories": categories})[:-1]


class Parts:
    """One file: head and images go straight to it, annotations wait beside it."""

    def __init__(self, file: Counted, head: bytes) -> None:
        self._file = file
        self._beside = tempfile.TemporaryFile(buffering=CHUNK)  # noqa: SIM115  closed in `end`
        self._buffer = [head, b',"images":[']
        self._no_image = self._no_annotation = True

    def image(self, image: dict[str, Any]) -> None:
        self._buffer.append(b"" if self._no_image else b",\n")
        self._buffer.append(orjson.dumps(image))
        self._no_image = False
        if len(self._buffer) > 2000:
            self._flush()

    def annotation(self, entry: dict[str, Any]) -> None:
        if not self._no_annotation:
            self._beside.write(b",\n")
        self._beside.write(orjson.dumps(entry))
        self._no_annotation = False

    def _flush(self) -> None:
        self._file.write(b"".join(self._buffer))
        self._buffer = []

    def end(self) -> Counted:
        self._flush()
        self._file.write(b'],"annotations":[')
        with self._beside:
            self._file.copy(self._beside)
        self._file.write(b"]}\n")
        return self._file

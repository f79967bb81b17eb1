"""COCO instances, one file: `annotations/instances_<split>.json` of the split asked for, else `instances_all.json`. Pure.

`images[].file_name` is below `images/`, `images[].split` the item's split. Image ids are the item's place in key order over the whole version, from 1, and
category ids the label's place in the schema, from 1, so that the same item and label have the same id in every file. Objects
go to a side file while images are written, so memory does not grow with the version.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import Any

import orjson

from annotate.labels.schema import Label
from workflows.exporters.coco_shapes import shape
from workflows.exporters.folder import Counted, Folder
from workflows.exporters.formats import About
from workflows.exporters.names import safe_step

CHUNK = 1024 * 1024
FLUSH = 256


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
        objects = orjson.loads(row.document).get("objects") or ()
        if not chosen:  # only their ids are used up
            self._annotations += sum(1 for thing in objects if thing["kind"] in self.KINDS and thing["label"] in self._categories)
            return
        image = {"id": self._images, "file_name": name, "width": row.width or 0, "height": row.height or 0, "key": row.key}
        if row.split:
            image["split"] = row.split
        if row.uri:
            image["coco_url"] = row.uri
        if not row.width or not row.height:
            self._about.notes["images_without_size"] += 1
        self._file.image(image)
        self._file.annotations(self._objects(objects, row))

    def _holds(self, label: Label) -> bool:
        return True

    def _objects(self, objects: Iterable[dict[str, Any]], row: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        image, categories = self._images, self._categories
        for thing in objects:
            kind, category = thing["kind"], categories.get(thing["label"])
            if category is None or kind not in self.KINDS:
                self._about.notes[f"{self.LEFT}_{kind}"] += 1
                continue
            self._annotations += 1
            entry: dict[str, Any]
            if kind == "box" and len(thing) == 4:  # box, id, kind and label: nearly all objects of the largest versions
                box = thing["box"]
                entry = {"id": self._annotations, "image_id": image, "category_id": category, "bbox": box, "area": box[2] * box[3], "segmentation": (), "iscrowd": 0, "object": thing["id"]}
                entries.append(entry)
                continue
            entry = {"id": self._annotations, "image_id": image, "category_id": category}
            entry |= shape(thing, self._about.notes, row.width, row.height) or {}
            entry["iscrowd"] = 0
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
    """One file: head and images go straight to it, annotations wait beside it. Both are written a few hundred at a time."""

    def __init__(self, file: Counted, head: bytes) -> None:
        self._file = file
        self._beside = tempfile.TemporaryFile(buffering=CHUNK)  # noqa: SIM115  closed in `end`
        self._file.write(head + b',"images":[')
        self._images: list[dict[str, Any]] = []
        self._entries: list[dict[str, Any]] = []
        self._no_image = self._no_entry = True

    def image(self, image: dict[str, Any]) -> None:
        self._images.append(image)
        if len(self._images) >= FLUSH:
            self._flush_images()

    def annotations(self, entries: list[dict[str, Any]]) -> None:
        self._entries += entries
        if len(self._entries) >= FLUSH:
            self._flush_entries()

    def _flush_images(self) -> None:
        if self._images:
            self._file.write((b"" if self._no_image else b",\n") + orjson.dumps(self._images)[1:-1])
            self._images, self._no_image = [], False

    def _flush_entries(self) -> None:
        if self._entries:
            self._beside.write((b"" if self._no_entry else b",\n") + orjson.dumps(self._entries)[1:-1])
            self._entries, self._no_entry = [], False

    def end(self) -> Counted:
        self._flush_images()
        self._flush_entries()
        self._file.write(b'],"annotations":[')
        with self._beside:
            self._file.copy(self._beside)
        self._file.write(b"]}\n")
        return self._file

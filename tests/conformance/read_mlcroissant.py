"""mlcroissant's view of a version's Croissant metadata and files: `read_mlcroissant.py croissant FOLDER`; the metadata is FOLDER/croissant.json."""

from __future__ import annotations

import json
import logging
import sys

import mlcroissant


def main(format: str, folder: str) -> None:
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("absl").addHandler(handler)
    dataset = mlcroissant.Dataset(jsonld=f"{folder}/croissant.json")
    boxes, images = [], 0
    for row in dataset.records(record_set="rows"):
        images += 1
        key, document = (row[f"rows/{name}"].decode() if isinstance(row[f"rows/{name}"], bytes) else row[f"rows/{name}"] for name in ("key", "document"))
        boxes += [[key, thing["label"], *thing["box"]] for thing in json.loads(document)["objects"]]
    splits = [next(value for name, value in row.items() if name.endswith("/name")) for row in dataset.records(record_set="splits")]
    names = sorted(name.decode() if isinstance(name, bytes) else str(name) for name in splits)
    print(json.dumps({"images": images, "objects": len(boxes), "boxes": boxes, "splits": names, "warnings": said}))


if __name__ == "__main__":
    main(*sys.argv[1:3])

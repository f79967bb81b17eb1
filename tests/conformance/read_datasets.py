"""Hugging Face `datasets`' view of an export: `read_datasets.py FORMAT FOLDER [SPLIT]`."""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

from datasets import Image, disable_progress_bars, load_dataset

disable_progress_bars()


def rows_of(rows: Any, split: str) -> tuple[list[list[Any]], dict[str, str]]:
    """(boxes, key → sha256 of the picture's bytes)."""
    names = rows.features["objects"]["categories"].feature.names
    pictures = rows.cast_column("image", Image(decode=False)) if "image" in rows.column_names else None
    boxes, bytes_of = [], {}
    for number, row in enumerate(rows):
        objects = row["objects"]
        boxes += [[row["key"], names[place], *box] for place, box in zip(objects["categories"], objects["bbox"], strict=True)]
        if pictures is not None:
            raw = pictures[number]["image"]
            assert row["image"].size == (row["width"], row["height"])  # it opens
            content = raw["bytes"] if raw["bytes"] is not None else open(raw["path"], "rb").read()  # noqa: SIM115
            bytes_of[row["key"]] = hashlib.sha256(content).hexdigest()
    return boxes, bytes_of


def tars(folder: str) -> None:
    """Samples of WebDataset as `datasets` takes them: a column per field."""
    found = load_dataset(folder)
    rows = [row for rows in found.values() for row in rows]
    boxes = [[row["__key__"], one["label"], *one["box"]] for row in rows for one in row["json"]["objects"]]
    assert all((row.get("jpg") or row.get("png")).size == (row["json"]["media"]["width"], row["json"]["media"]["height"]) for row in rows)
    print(json.dumps({"images": len(rows), "objects": len(boxes), "boxes": boxes, "splits": {split: rows.num_rows for split, rows in found.items()}}))


def main(format: str, folder: str) -> None:
    if format == "webdataset":
        return tars(folder)
    found = load_dataset(folder)
    boxes, pictures, features = [], {}, {}
    for split, rows in found.items():
        more, bytes_of = rows_of(rows, split)
        boxes += more
        pictures |= bytes_of
        features = rows.features.to_dict()
    splits = {split: rows.num_rows for split, rows in found.items()}
    answer = {"images": sum(splits.values()), "objects": len(boxes), "boxes": boxes, "splits": splits, "pictures": pictures, "features": features}
    if format == "huggingface_imagefolder":  # by name only, without the README
        answer["by_folder"] = {split: rows.num_rows for split, rows in load_dataset("imagefolder", data_dir=folder).items()}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""datumaro's view of an export: `read_datumaro.py FORMAT FOLDER [SPLIT]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from datumaro import AnnotationType, Dataset
from numpy import argwhere

# Our format → the name of datumaro's importer and the part of the folder that it is to read.
IMPORTERS = {
    "coco": ("coco_instances", ""),
    "cvat": ("cvat", ""),
    "kitti": ("kitti_detection", ""),
    "voc": ("voc", ""),
    "yolo": ("yolo", ""),
}


def boxes_of(item: Any, names: list[str]) -> list[list[Any]]:
    found = [each for each in item.annotations if each.type == AnnotationType.bbox]
    return [[f"{item.subset}/{item.id}", names[each.label], *each.get_bbox()] for each in found]


def main(format: str, folder: str) -> None:
    importer, below = IMPORTERS[format]
    dataset = Dataset.import_from(str(Path(folder, below)), importer)
    names = [category.name for category in dataset.categories()[AnnotationType.label].items]
    items = list(dataset)
    boxes = [box for item in items for box in boxes_of(item, names)]
    found = [[names[each.label], argwhere(each.image).tolist()] for item in items for each in item.annotations if each.type == AnnotationType.mask]
    print(json.dumps({"images": len(items), "objects": sum(len(item.annotations) for item in items), "boxes": boxes, "masks": found, "labels": names}))


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""supervision's view of an export: `read_supervision.py FORMAT FOLDER [SPLIT]`. It reads one split of YOLO at a time."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import supervision as sv


def datasets(format: str, folder: Path) -> list[Any]:
    if format == "voc":
        return [sv.DetectionDataset.from_pascal_voc(str(folder / "JPEGImages"), str(folder / "Annotations"))]
    if format == "coco":
        (file,) = (folder / "annotations").glob("instances_*.json")
        return [sv.DetectionDataset.from_coco(str(folder / "images"), str(file))]
    turned = format == "yolo_obb"
    return [
        sv.DetectionDataset.from_yolo(str(part), str(folder / "labels" / part.name), str(folder / "data.yaml"), is_obb=turned)
        for part in sorted((folder / "images").iterdir())
    ]


def main(format: str, folder: str) -> None:
    images, boxes, masks = 0, [], []
    for dataset in datasets(format, Path(folder)):
        for path, _picture, found in dataset:
            images += 1
            for index, (left, top, right, bottom) in enumerate(found.xyxy.tolist()):
                label = dataset.classes[int(found.class_id[index])]
                boxes.append([path, label, left, top, right - left, bottom - top])
                if found.mask is not None:
                    masks.append(int(found.mask[index].sum()))
    print(json.dumps({"images": images, "objects": len(boxes), "boxes": boxes, "masks": masks}))


if __name__ == "__main__":
    main(*sys.argv[1:3])

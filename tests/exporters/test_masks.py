"""Pixels in PNG: class and instance pictures, COCO panoptic and keypoints, read back with Pillow and pycocotools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
from PIL import Image
from pycocotools.coco import COCO

from tests.exporters.rows import WIDE, box, export_of, row, thing
from tests.exporters.test_yolo import lines, names_of


def square(left: int, top: int, side: int, label: str = "car") -> dict[str, Any]:
    return thing(label, kind="polygon", points=[[left, top], [left + side, top], [left + side, top + side], [left, top + side]])


ROWS = [
    row("a/1.jpg", [square(0, 0, 10), square(5, 5, 10, "pose"), box(1, 1, 5, 5)], split="train"),
    row("b.jpg", split="val"),
]


def read(path: Path) -> Any:
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.int64)


def test_class_pictures_hold_the_labels_place_in_the_schema_from_one(tmp_path: Path) -> None:
    folder, notes = export_of(ROWS, tmp_path, "masks")
    kinds = read(folder.root / "classes/train/a__1.png")
    assert {value: int((kinds == value).sum()) for value in np.unique(kinds)} == {0: 64 * 48 - 175, 1: 75, 4: 100}
    assert lines(folder, "labels.txt")[:2] == ["0\t#000000\tbackground", "1\t#de5308\tcar"] and notes == {"left_out_box": 1}


def test_instances_count_from_one_and_the_later_covers_the_earlier(tmp_path: Path) -> None:
    numbers = read(export_of(ROWS, tmp_path, "masks")[0].root / "instances/train/a__1.png")
    assert (numbers[:5, :10] == 1).all() and (numbers[5:15, 5:15] == 2).all()


def test_more_than_255_objects_are_16_bits(tmp_path: Path) -> None:
    objects = [square(n % 64, n // 64, 1) for n in range(300)]
    folder, _notes = export_of([row("a.jpg", objects)], tmp_path, "masks")
    assert len(np.unique(read(folder.root / "instances/all/a.png"))) == 301


def test_a_picture_without_objects_has_pictures_of_nothing(tmp_path: Path) -> None:
    folder, _notes = export_of(ROWS, tmp_path, "masks", split="val")
    assert [name for name in names_of(folder) if name.endswith("png")] == ["classes/val/b.png", "instances/val/b.png"]
    assert not read(folder.root / "classes/val/b.png").any()


def test_an_object_that_others_cover_is_counted(tmp_path: Path) -> None:
    rows = [row("a.jpg", [square(2, 2, 3), square(0, 0, 20)])]
    for format in ("masks", "coco_panoptic"):
        assert export_of(rows, tmp_path / format, format)[1] == {"covered_objects": 1}


def panoptic(folder: Any, name: str = "all") -> tuple[Any, list[Any]]:
    document = orjson.loads((folder.root / f"annotations/panoptic_{name}.json").read_bytes())
    pixels = []
    for entry in document["annotations"]:
        red, green, blue = np.moveaxis(read(folder.root / f"annotations/panoptic_{name}" / entry["file_name"]), -1, 0)
        pixels.append(red + 256 * green + 65536 * blue)
    return document, pixels


def test_panoptic_segments_are_the_pixels_of_their_colour(tmp_path: Path) -> None:
    document, pixels = panoptic(export_of(ROWS, tmp_path, "coco_panoptic")[0])
    assert [image["file_name"] for image in document["images"]] == ["a__1.jpg", "b.jpg"]
    first, second = document["annotations"]
    assert first["file_name"] == "a__1.png" and second["segments_info"] == [] and not pixels[1].any()
    for segment in first["segments_info"]:
        rows, columns = np.nonzero(pixels[0] == segment["id"])
        assert segment["area"] == len(rows)
        assert segment["bbox"] == [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
    assert [segment["category_id"] for segment in first["segments_info"]] == [1, 4]


def test_a_label_of_the_group_stuff_is_one_segment_a_picture(tmp_path: Path) -> None:
    schema = WIDE | {"labels": [WIDE["labels"][0], {"name": "sky", "kinds": ["polygon"], "group": "stuff"}]}
    rows = [row("a.jpg", [square(0, 0, 4, "sky"), square(10, 10, 3), square(20, 20, 5, "sky")])]
    document, _pixels = panoptic(export_of(rows, tmp_path, "coco_panoptic", schema=schema)[0])
    assert [(category["name"], category["isthing"]) for category in document["categories"]] == [("car", 1), ("sky", 0)]
    (entry,) = document["annotations"]
    assert [(segment["category_id"], segment["area"]) for segment in entry["segments_info"]] == [(2, 41), (1, 9)]


def test_panoptic_ids_are_the_same_whichever_split_is_pulled(tmp_path: Path) -> None:
    document, _pixels = panoptic(export_of(ROWS, tmp_path, "coco_panoptic", split="val")[0], "val")
    assert [image["id"] for image in document["images"]] == [2]


def test_keypoints_are_read_by_pycocotools(tmp_path: Path) -> None:
    points = [[5, 6, 2], [0, 0, 0], [15, 26, 1]]
    rows = [row("a.jpg", [thing("pose", kind="keypoints", points=points), box(1, 1, 2, 2)]), row("b.jpg")]
    folder, notes = export_of(rows, tmp_path, "coco_keypoints")
    coco = COCO(str(folder.root / "annotations/person_keypoints_all.json"))
    assert [(category["id"], category["name"], category["skeleton"]) for category in coco.cats.values()] == [(4, "pose", [[1, 2], [2, 3]])]
    (entry,) = coco.anns.values()
    assert entry["keypoints"] == [value for point in points for value in point] and entry["num_keypoints"] == 2 and entry["bbox"] == [5, 6, 10, 20]
    assert coco.getImgIds() == [1, 2] and notes == {"left_out_box": 1}

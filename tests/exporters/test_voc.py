"""Pascal VOC and KITTI: the numbers as drawn, lists of splits and classes, colours, columns."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from tests.exporters.rows import WIDE, box, export_of, row, thing
from tests.exporters.test_yolo import lines, names_of
from workflows.exporters.colours import class_colours, voc_colours
from workflows.exporters.kitti import types_of

ROWS = [
    row("a/1.jpg", [box(1, 2, 30.5, 4.25, attributes={"occluded": True}), box(5, 6, 7, 8, "sign", attributes={"difficult": True})], split="train"),
    row("a/1.png", [thing("car", kind="polygon", points=[[10, 10], [20, 10], [20, 20], [10, 20]])], split="val"),
    row("b.jpg", split="train"),
]


def test_corners_are_the_numbers_as_drawn(tmp_path: Path) -> None:
    folder, _notes = export_of(ROWS, tmp_path, "voc")
    root = ElementTree.fromstring((folder.root / "Annotations/a__1.xml").read_text())
    first, second = root.findall("object")
    assert [[end.text for end in each.find("bndbox")] for each in (first, second)] == [["1", "2", "31.5", "6.25"], ["5", "6", "12", "14"]]  # type: ignore[union-attr]
    assert (root.findtext("filename"), root.findtext("size/width"), root.findtext("size/height")) == ("a__1.jpg", "64", "48")
    assert (first.findtext("name"), first.findtext("occluded"), first.findtext("difficult")) == ("car", "1", "0")
    assert second.findtext("difficult") == "1" and second.find("attributes") is None


def test_lists_name_the_pictures_of_each_split_and_what_they_hold(tmp_path: Path) -> None:
    folder, _notes = export_of(ROWS, tmp_path, "voc")
    assert lines(folder, "ImageSets/Main/train.txt") == ["a__1", "b"]
    assert lines(folder, "ImageSets/Main/car_train.txt") == ["a__1  1", "b -1"]
    assert lines(folder, "ImageSets/Main/sign_train.txt") == ["a__1  0", "b -1"]
    (other,) = lines(folder, "ImageSets/Main/val.txt")
    assert other.startswith("a__1~") and lines(folder, "ImageSets/Segmentation/val.txt") == [other]
    assert lines(folder, "ImageSets/Segmentation/train.txt") == []


def test_one_split_has_only_its_lists_and_the_same_names(tmp_path: Path) -> None:
    folder, _notes = export_of(ROWS, tmp_path / "part", "voc", split="val")
    whole = names_of(export_of(ROWS, tmp_path / "whole", "voc")[0])
    assert set(names_of(folder)) <= set(whole)
    assert not [name for name in names_of(folder) if "train" in name]


def test_class_pictures_have_the_labels_colours(tmp_path: Path) -> None:
    folder, _notes = export_of(ROWS, tmp_path, "voc")
    (path,) = [name for name in names_of(folder) if name.startswith("SegmentationClass/")]
    with Image.open(folder.root / path) as picture:
        assert picture.mode == "P" and picture.size == (64, 48)
        kinds, colours = np.asarray(picture), np.asarray(picture.convert("RGB"))
    assert kinds.sum() == 100 and (kinds[10:20, 10:20] == 1).all()
    assert "car:222,83,8::" in lines(folder, "labelmap.txt") and tuple(colours[15, 15]) == (222, 83, 8)
    assert "background:0,0,0::" in lines(folder, "labelmap.txt")


def test_names_and_labels_cannot_break_the_xml(tmp_path: Path) -> None:
    schema = {"labels": [{"name": "a<b>&:", "kinds": ["box"], "attributes": [{"name": "x&y", "type": "text"}]}]}
    rows = [row("<&>.jpg", [box(1, 1, 2, 2, "a<b>&:", attributes={"x&y": "<z>"})])]
    folder, _notes = export_of(rows, tmp_path, "voc", schema=schema)
    (path,) = [name for name in names_of(folder) if name.endswith(".xml")]
    root = ElementTree.fromstring((folder.root / path).read_text())
    assert root.findtext("object/name") == "a<b>&:" and root.findtext("object/attributes/attribute/value") == "<z>"


def test_what_voc_cannot_say_is_counted(tmp_path: Path) -> None:
    objects = [box(10, 10, 20, 10, rotation=90), thing("pose", kind="polyline", points=[[1, 1], [2, 2]]), thing("pose", kind="keypoints", points=[[5, 6, 2], [0, 0, 0], [15, 26, 1]])]
    _folder, notes = export_of([row("a.jpg", objects)], tmp_path, "voc")
    assert notes == {"turned_boxes_as_bounds": 1, "left_out_polyline": 1, "keypoints_as_box": 1}


def test_no_two_classes_have_one_colour() -> None:
    from annotate.labels.schema import parse

    colours = class_colours(parse({"labels": [{"name": str(n), "kinds": ["box"], "color": "#000000"} for n in range(300)]}))
    assert len(set(colours)) == 301 and colours[:2] == [(0, 0, 0), (0, 0, 1)]
    assert voc_colours()[:4] == [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0)] and voc_colours()[255] == (224, 224, 192)


def test_a_kitti_line_has_fifteen_columns(tmp_path: Path) -> None:
    folder, notes = export_of(ROWS, tmp_path, "kitti")
    assert lines(folder, "training/label_2/a__1.txt") == [
        "car 0.00 1 -10 1.00 2.00 31.50 6.25 -1 -1 -1 -1000 -1000 -1000 -10",
        "sign 0.00 0 -10 5.00 6.00 12.00 14.00 -1 -1 -1 -1000 -1000 -1000 -10",
    ]
    assert lines(folder, "training/label_2/b.txt") == []
    assert [name for name in names_of(folder) if name.startswith("val/label_2/a__1~")]
    assert notes == {"polygon_as_box": 1, "attributes_left_out": 1}


def test_a_kitti_type_has_no_blanks_and_stands_for_one_label(tmp_path: Path) -> None:
    from annotate.labels.schema import parse

    labels = [{"name": name, "kinds": ["box"]} for name in ("traffic light", "traffic_light", "traffic_light_2", "car", "DontCare")]
    assert types_of(parse({"labels": labels})) == {
        "traffic light": "traffic_light_3", "traffic_light": "traffic_light", "traffic_light_2": "traffic_light_2", "car": "car", "DontCare": "DontCare",
    }  # fmt: skip
    rows = [row("a.jpg", [box(1, 1, 2, 2, "DontCare")])]
    folder, _notes = export_of(rows, tmp_path, "kitti", schema=WIDE | {"labels": labels})
    assert lines(folder, "training/label_2/a.txt") == ["DontCare -1 -1 -10 1.00 1.00 3.00 3.00 -1 -1 -1 -1000 -1000 -1000 -10"]

"""YOLO in its five forms: what stands in the lines, which folder, which class, and what is counted as lost."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import pytest
import yaml

from tests.exporters.rows import WIDE, box, export_of, row, thing
from workflows.exporters.building import read_pictures
from workflows.exporters.folder import Folder
from workflows.exporters.formats import Picture

ROWS = [
    row("a/1.jpg", [box(16, 12, 32, 24), box(0, 0, 64, 48, "sign")], split="train", item={"weather": "rain"}, item_id=1),
    row("a/1.png", [thing("pose", kind="keypoints", points=[[16, 12, 2], [0, 0, 0], [48, 36, 1]])], split="val", item={"weather": "fog"}, item_id=2),
    row("b.jpg", split="train", item_id=3),
]


def lines(folder: Folder, path: str) -> list[str]:
    return (folder.root / path).read_text().splitlines()


def names_of(folder: Folder) -> list[str]:
    return sorted(one.path for one in folder.written if not one.path.startswith("sluice-"))


def picture_of(place: Path) -> Picture:
    place.write_bytes(b"picture")
    return Picture(str(place), 7, hashlib.sha256(b"picture").hexdigest(), partial(place.open, "rb"))


def test_boxes_are_centres_and_sizes_of_the_pictures_share(tmp_path: Path) -> None:
    folder, notes = export_of(ROWS, tmp_path, "yolo")
    assert lines(folder, "labels/train/a__1.txt") == ["0 0.500000 0.500000 0.500000 0.500000", "2 0.500000 0.500000 1.000000 1.000000"]
    assert notes == {"keypoints_as_box": 1}


def test_an_approved_picture_without_objects_has_an_empty_file(tmp_path: Path) -> None:
    assert (export_of(ROWS, tmp_path, "yolo")[0].root / "labels/train/b.txt").read_bytes() == b""


@pytest.mark.parametrize("format", ["yolo", "yolo_segment", "yolo_pose", "yolo_obb"])
def test_data_yaml_names_the_splits_that_are_there_and_all_classes(tmp_path: Path, format: str) -> None:
    folder, _notes = export_of(ROWS, tmp_path, format)
    data = yaml.safe_load((folder.root / "data.yaml").read_text())
    assert (data["train"], data["val"]) == ("images/train", "images/val") and "test" not in data and "path" not in data
    assert data["names"] == {0: "car", 1: "person", 2: "sign", 3: "pose"}
    assert data.get("kpt_shape") == ([3, 3] if format == "yolo_pose" else None)


def test_one_split_has_the_names_and_classes_that_it_has_in_the_whole(tmp_path: Path) -> None:
    part, _notes = export_of(ROWS, tmp_path / "part", "yolo", split="val")
    whole, _notes = export_of(ROWS, tmp_path / "whole", "yolo")
    (label,) = [name for name in names_of(part) if name.startswith("labels/")]
    assert label in names_of(whole) and lines(part, label) == lines(whole, label)
    data = yaml.safe_load((part.root / "data.yaml").read_text())
    assert data["val"] == data["train"] == "images/val"  # a reader wants both


def test_a_version_without_splits_is_one_folder(tmp_path: Path) -> None:
    folder, _notes = export_of([row("a.jpg", [box(1, 1, 2, 2)])], tmp_path, "yolo")
    assert names_of(folder) == ["classes.txt", "data.yaml", "labels/all/a.txt"]


def test_pictures_lie_beside_their_labels_also_where_a_folder_is_called_images(tmp_path: Path) -> None:
    """Readers put labels for the last step called images."""
    rows = [row("images/x/1.jpg", [box(1, 1, 2, 2)], split="images")]
    folder, _notes = export_of(rows, tmp_path, "yolo", pictures={"images/x/1.jpg": picture_of(tmp_path / "p")})
    ((path, _item, _picture),) = read_pictures(tmp_path)
    assert path == "images/images_/images__x__1.jpg"
    assert "/labels/".join(f"/{path}".rsplit("/images/", 1)).rsplit(".", 1)[0] + ".txt" == "/labels/images_/images__x__1.txt"
    assert "labels/images_/images__x__1.txt" in names_of(folder)


def test_a_picture_whose_size_is_not_known_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [row("a.jpg", [box(1, 1, 2, 2)], width=None, height=None)]
    folder, notes = export_of(rows, tmp_path, "yolo", pictures={"a.jpg": picture_of(tmp_path / "p")})
    assert names_of(folder) == ["classes.txt", "data.yaml"] and notes == {"pictures_without_size": 1}
    assert not list(read_pictures(tmp_path))


def test_an_erased_item_leaves_nothing(tmp_path: Path) -> None:
    folder, _notes = export_of([row("secret.jpg", [box(1, 1, 2, 2)], erased=True)], tmp_path, "yolo")
    assert names_of(folder) == ["classes.txt", "data.yaml"]


def test_segments_have_one_row_per_part_and_holes_are_counted(tmp_path: Path) -> None:
    import numpy as np

    from workflows.exporters.raster import run_lengths

    there = np.zeros((48, 64), dtype=bool)
    there[0:24, 0:32] = there[40:48, 60:64] = True
    there[5, 5] = False
    objects = [thing("pose", kind="mask", rle=run_lengths(there, 0, 0, 64, 48)), thing("car", kind="polygon", points=[[0, 0], [64, 0], [64, 48]])]
    folder, notes = export_of([row("a.jpg", objects)], tmp_path, "yolo_segment")
    assert lines(folder, "labels/all/a.txt") == [
        "3 0.000000 0.000000 0.500000 0.000000 0.500000 0.500000 0.000000 0.500000",
        "3 0.937500 0.833333 1.000000 0.833333 1.000000 1.000000 0.937500 1.000000",
        "0 0.000000 0.000000 1.000000 0.000000 1.000000 1.000000",
    ]
    assert notes == {"holes_left_out": 1, "parts_as_objects": 2}


def test_poses_are_padded_to_the_longest_skeleton(tmp_path: Path) -> None:
    schema = {"labels": [*WIDE["labels"], {"name": "dot", "kinds": ["keypoints"], "color": "#000000", "skeleton": {"points": ["left_eye"], "edges": []}}]}
    rows = [row("a.jpg", [thing("dot", kind="keypoints", points=[[32, 24, 2]]), *[thing("pose", kind="keypoints", points=[[0, 0, 2], [0, 0, 0], [64, 48, 1]])]])]
    folder, notes = export_of(rows, tmp_path, "yolo_pose", schema=schema)
    assert lines(folder, "labels/all/a.txt") == [
        "4 0.500000 0.500000 0.000000 0.000000 0.500000 0.500000 2 0.000000 0.000000 0 0.000000 0.000000 0",
        "3 0.500000 0.500000 1.000000 1.000000 0.000000 0.000000 2 0.000000 0.000000 0 1.000000 1.000000 1",
    ]
    assert not notes


def test_a_box_is_turned_in_pixels_before_it_is_divided(tmp_path: Path) -> None:
    rows = [row("a.jpg", [box(70, 30, 40, 20, rotation=90)], width=200, height=100)]
    folder, notes = export_of(rows, tmp_path, "yolo_obb")
    assert lines(folder, "labels/all/a.txt") == ["0 0.500000 0.200000 0.500000 0.600000 0.400000 0.600000 0.400000 0.200000"]
    assert not notes


def test_corners_outside_the_picture_are_cut_and_counted(tmp_path: Path) -> None:
    folder, notes = export_of([row("a.jpg", [box(0, 0, 40, 40, rotation=45)])], tmp_path, "yolo_obb")
    numbers = [float(number) for number in lines(folder, "labels/all/a.txt")[0].split()[1:]]
    assert min(numbers) == 0 and max(numbers) <= 1 and notes == {"corners_cut_at_the_edge": 1}


def test_classes_are_folders_by_the_items_choice(tmp_path: Path) -> None:
    there = {each.key: picture_of(tmp_path / f"p{each.item_id}") for each in ROWS}
    folder, notes = export_of(ROWS, tmp_path, "yolo_classify", pictures=there)
    paths = [path for path, _item, _picture in read_pictures(tmp_path)]
    assert paths[0] == "train/rain/a__1.jpg" and paths[1].startswith("val/fog/a__1~") and len(paths) == 2
    assert lines(folder, "labels.txt") == [f"{paths[0]}\train", f"{paths[1]}\tfog"]
    assert notes == {"objects_left_out": 3, "pictures_without_one_class": 1}


def test_without_a_choice_the_one_label_of_the_objects_is_the_class(tmp_path: Path) -> None:
    schema = {"labels": WIDE["labels"]}
    rows = [row("a.jpg", [box(1, 1, 2, 2), box(5, 5, 2, 2)]), row("b.jpg", [box(1, 1, 2, 2), box(1, 1, 2, 2, "sign")])]
    folder, notes = export_of(rows, tmp_path, "yolo_classify", schema=schema)
    assert lines(folder, "labels.txt") == ["all/car/a.jpg\tcar"] and notes == {"pictures_without_one_class": 1}

"""What the readers of YOLO and KITTI make of good, odd and hostile files. No database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.collection.importers.found import LabelDoc, Problem
from workflows.collection.importers.shares import in_pixels
from workflows.collection.ingest.archives import Member
from workflows.collection.ingest.plan import Plan, read_labels

NAMES = b"names: [car, person]\n"
BOX = "0 0.5 0.5 0.25 0.5"


def members(files: dict[str, bytes | str]) -> Iterator[Member]:
    for path, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        yield Member(path, path, lambda data=data: io.BytesIO(data))  # type: ignore[misc]


def read(files: dict[str, bytes | str], format: str = "yolo") -> Plan:
    return read_labels(members(files), format)


def one(line: str, yaml: bytes = NAMES, size: tuple[int, int] = (200, 100)) -> Any:
    (found,) = read({"a.txt": line, "data.yaml": yaml}).labels
    doc = in_pixels(found.doc, *size)
    return (doc.objects or doc.problems)[0]


def test_a_box_is_told_by_its_middle_in_shares_of_the_size() -> None:
    found = one(BOX)
    assert found.label == "car" and dict(found.shapes) == {"box": ({"box": [75, 25, 50, 50]},)} and found.score is None


def test_a_sixth_column_is_the_score() -> None:
    assert one(f"{BOX} 0.875").score == 0.875


def test_an_odd_count_of_numbers_is_a_polygon() -> None:
    found = one("1 0 0 0.5 0 0.5 1")
    assert found.label == "person" and list(found.shapes) == ["polygon", "box"]
    assert found.shapes["polygon"] == ({"points": [[0, 0], [100, 0], [100, 100]]},)


def test_four_corners_of_a_rectangle_are_a_turned_box_in_pixels() -> None:
    found = one("0 0.5 0.2 0.5 0.6 0.4 0.6 0.4 0.2")
    assert list(found.shapes) == ["box", "polygon"] and found.shapes["box"] == ({"box": [70, 30, 40, 20], "rotation": 90},)


def test_four_points_that_are_no_rectangle_are_a_polygon_first() -> None:
    assert list(one("0 0 0 0.5 0 0.9 0.9 0 0.5").shapes) == ["polygon", "box"]


def test_four_points_are_a_polygon_where_the_data_says_segments() -> None:
    assert list(one("0 0.5 0.2 0.5 0.6 0.4 0.6 0.4 0.2", b"task: segment\nnames: [car]\n").shapes) == ["polygon", "box"]


def test_a_pose_has_as_many_points_as_kpt_shape_says() -> None:
    yaml = b"names: {0: person}\nkpt_shape: [2, 3]\nkpt_names:\n  0: [nose, foot]\n"
    found = one("0 0.5 0.5 0.5 0.5 0.25 0.25 2 0 0 0", yaml)
    assert found.shapes["keypoints"] == ({"points": [[50, 25, 2], [0, 0, 0]]},)
    flat = one("0 0.5 0.5 0.5 0.5 0.25 0.25 0 0", b"names: [person]\nkpt_shape: [2, 2]\n")
    assert flat.shapes["keypoints"] == ({"points": [[50, 25, 2], [0, 0, 0]]},)
    (doc,) = [each.doc for each in read({"a.txt": "0 0.5 0.5 0.5 0.5 0.25 0.25 2 0 0 0", "data.yaml": yaml}).labels]
    assert doc.skeletons == {"person": {"points": ["nose", "foot"], "edges": []}}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("7 0.5 0.5 0.25 0.5", "no class 7"),
        ("0 0.5 0.5", "none of YOLO's forms"),
        ("0 150 40 20 20", "from 0 to 1"),
        ("0 0.5 x 0.25 0.5", "numbers"),
        ("0.5 0.5 0.5 0.25 0.5", "whole number"),
        ("0 nan 0.5 0.25 0.5", "numbers"),
    ],
)
def test_a_bad_line_costs_only_itself_and_says_where_it_stands(line: str, words: str) -> None:
    (found,) = read({"x/a.txt": f"{BOX}\n{line}\n{BOX}\n", "data.yaml": NAMES}).labels
    assert len(found.doc.objects) == 2
    (problem,) = found.doc.problems
    assert problem.place == "x/a.txt line 2" and words in problem.detail and not problem.whole


def test_a_stray_readme_is_no_label_file_and_an_empty_one_is_a_picture_without_objects() -> None:
    plan = read({"labels/README.txt": "This file exists for people.", "labels/a.txt": "", "obj.names": "car\n", "train.txt": "data/a.jpg\n"})
    assert [found.doc.file for found in plan.labels] == ["data/a.jpg"] and plan.labels[0].doc.objects == ()
    assert plan.ignored == 1 and not plan.problems


def test_names_come_from_the_nearest_file_whatever_the_order() -> None:
    plan = read({"x/labels/a.txt": BOX, "y/labels/a.txt": BOX, "x/classes.txt": "cat\n", "y/data.yaml": b"names: [dog]", "y/classes.txt": "no\n"})
    assert [found.doc.objects[0].label for found in plan.labels] == ["cat", "dog"]


def test_without_names_every_label_file_is_told() -> None:
    plan = read({"a.txt": BOX, "b.txt": ""})
    assert [(problem.place, problem.code) for problem in plan.problems] == [("a.txt", "no_class_names")]


@pytest.mark.parametrize(
    ("files", "file"),
    [
        (["images/train/1.jpg", "images/val/1.jpg"], "images/train/1.jpg"),
        (["train/images/1.png", "valid/images/1.png"], "train/images/1.png"),
        (["other/2.jpg"], "labels/train/1.jpg"),
    ],
)
def test_a_label_file_means_the_picture_of_the_same_path(files: list[str], file: str) -> None:
    label = "labels/train/1.txt" if file != "train/images/1.png" else "train/labels/1.txt"
    plan = read({label: BOX, "data.yaml": NAMES} | dict.fromkeys(files, b""))
    assert [found.doc.file for found in plan.labels] == [file]


@pytest.mark.parametrize(
    "yaml",
    [b"a: &x [1]\nnames: *x\n", b"names: !!python/object/apply:os.system ['true']\n", b"[" * 5000, b"names: 3\n", b"\xff\xfe", b"names:\n  0: {a: b}\n", b"names: [a]\nkpt_shape: [99999999, 3]\n"],
)
def test_a_data_yaml_that_cannot_be_trusted_or_read_is_one_problem(yaml: bytes) -> None:
    plan = read({"data.yaml": yaml})
    assert [(problem.place, problem.code) for problem in plan.problems] == [("data.yaml", "bad_yaml")] and not plan.labels


def test_without_label_files_a_pictures_folder_is_its_class() -> None:
    plan = read({"train/cat/1.jpg": b"", "val/dog/1.jpg": b"", "train/2.jpg": b""})
    assert [(found.doc.file, found.doc.tags) for found in plan.labels] == [("train/cat/1.jpg", ("cat",)), ("val/dog/1.jpg", ("dog",))]


@given(st.text(st.sampled_from("0123456789.- \nxe+_ü\t"), max_size=120), st.binary(max_size=60))
def test_no_text_makes_the_readers_fail(text: str, yaml: bytes) -> None:
    for format in ("yolo", "kitti"):
        plan = read({"label/a.txt": text, "data.yaml": yaml, "b.yaml": NAMES, "x.json": yaml}, format)
        for found in plan.labels:
            assert isinstance(in_pixels(found.doc, 30, 20), LabelDoc)
        assert all(isinstance(problem, Problem) for problem in plan.problems)


def test_kitti_columns_become_a_box_and_attributes() -> None:
    line = "Car 0.25 2 -1.5 10 20 30.5 60 1.5 1.6 3.9 2.1 1.2 8.4 0.01"
    (found,) = read({"label_2/000001.txt": line, "image_2/000001.png": b""}, "kitti").labels
    (car,) = found.doc.objects
    assert found.doc.file == "image_2/000001.png" and car.shapes["box"] == ({"box": [10, 20, 20.5, 40]},) and car.score is None
    assert car.attributes == {"truncated": 0.25, "occluded": 2, "alpha": "-1.5", "dimensions": "1.5 1.6 3.9", "location": "2.1 1.2 8.4", "rotation_y": "0.01"}


def test_kitti_results_have_a_score_and_unknown_is_left_out() -> None:
    text = "Van -1 -1 -10 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10 0.75\nDontCare -1 -1 -10 5 5 9 9 -1 -1 -1 -1000 -1000 -1000 -10\nCar 0 0 0 1 2\n"
    (found,) = read({"label_2/1.txt": text, "README.txt": "Hello"}, "kitti").labels
    van, ignored = found.doc.objects
    assert (van.label, van.score, van.attributes) == ("Van", 0.75, {}) and ignored.label == "DontCare" and ignored.score is None
    assert [(problem.place, problem.code) for problem in found.doc.problems] == [("label_2/1.txt line 3", "bad_line")]


def test_our_own_types_of_kitti_are_the_labels_they_stand_for() -> None:
    line = "traffic_light 0 0 -10 1 2 3 4 -1 -1 -1 -1000 -1000 -1000 -10"
    (found,) = read({"training/label_2/1.txt": line, "dataset_meta.json": b'{"names":{"traffic_light":"traffic light"}}'}, "kitti").labels
    assert found.doc.objects[0].label == "traffic light"

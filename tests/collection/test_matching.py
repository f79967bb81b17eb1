"""Which picture a label file means, by name. No database."""

from __future__ import annotations

import pytest

from workflows.collection.ingest.matching import Ambiguous, Names

KEYS = ["train/a.jpg", "val/a.jpg", "train/b.JPG", "images/c.png", "deep/images/d.jpg"]


@pytest.mark.parametrize(
    ("file", "label_path", "key"),
    [
        ("train/a.jpg", "", "train/a.jpg"),
        ("a.jpg", "train/_annotations.coco.json", "train/a.jpg"),
        ("a.jpg", "annotations/instances_val.json", "val/a.jpg"),
        ("images/d.jpg", "x.json", "deep/images/d.jpg"),
        ("home/me/images/c.png", "x.json", "images/c.png"),
        ("c.png", "Annotations/c.xml", "images/c.png"),
        ("c", "Annotations/c.xml", "images/c.png"),
        ("b.jpg", "x.json", "train/b.JPG"),
        ("c.jpeg", "x.json", "images/c.png"),
        ("nowhere.jpg", "x.json", None),
    ],
)
def test_a_file_name_finds_its_picture(file: str, label_path: str, key: str | None) -> None:
    index = Names(KEYS).find(file, label_path=label_path)
    assert (None if index is None else KEYS[index]) == key


def test_two_pictures_that_fit_equally_well_are_not_guessed() -> None:
    with pytest.raises(Ambiguous):
        Names(KEYS).find("a.jpg", label_path="labels.json")


def test_a_wrong_file_name_falls_back_on_the_label_files_own() -> None:
    assert Names(KEYS).find("IMG_1.jpg", other_name="c", label_path="x/c.xml") == 3

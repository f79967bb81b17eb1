"""Keypoints that are none of their person's."""

from __future__ import annotations

import json
from typing import Any

from tests.cleaning.documents import box, keypoints, measured, polygon

TRACK = "0b7c0000-0000-4000-8000-000000000001"
BODY = [[10, 10, 2], [20, 10, 2], [10, 30, 1], [20, 30, 2], [15, 50, 2]]


def strays(*objects: dict[str, Any]) -> list[int]:
    return [int(count) for count in measured(*objects)["strays"]]


def test_points_in_the_box_of_their_person_are_fine() -> None:
    assert strays(keypoints(BODY), box(9, 9, 12, 42)) == [0, -1]
    assert strays(keypoints(BODY), box(11, 9, 10, 42)) == [0, -1]  # a pixel outside


def test_a_point_outside_the_box_is_astray() -> None:
    assert strays(keypoints([*BODY, [80, 10, 2]]), box(5, 5, 20, 50)) == [1, -1]
    assert strays(keypoints([*BODY, [80, 10, 0]]), box(5, 5, 20, 50)) == [0, -1]


def test_the_box_is_that_of_the_same_track_and_else_the_one_that_holds_most() -> None:
    away = box(500, 500, 20, 50)
    assert strays(keypoints([*BODY, [80, 10, 2]]), away, polygon([[5, 5], [25, 5], [25, 55], [5, 55]])) == [1, -1, -1]
    assert strays(keypoints(BODY, track=TRACK), box(5, 5, 20, 50), box(5, 5, 20, 30, track=TRACK)) == [1, -1, -1]
    assert strays(keypoints(BODY), box(5, 5, 20, 20, "bus")) == [0, -1]
    assert strays(keypoints(BODY), box(5, 5, 10, 10)) == [0, -1]  # someone else's: it holds one point of five


def test_without_a_box_a_point_far_from_all_others_is_astray() -> None:
    assert strays(keypoints(BODY)) == [0]
    assert strays(keypoints([*BODY, [15, 85, 2]])) == [0]
    assert strays(keypoints([*BODY, [15, 95, 2]])) == [1]
    assert strays(keypoints([[0, 0, 2], [500, 500, 2]])) == [0]


def test_real_people_are_held_by_their_boxes_but_for_some_ankles(data: Any) -> None:
    """COCO's boxes go around what is seen: 5 points of 4 of the 14 people lie more than a pixel outside."""
    corpus = json.loads((data("coco_keypoints_sample") / "test_coco.json").read_text())
    found: list[int] = []
    labelled = 0
    for image in corpus["images"]:
        people = [one for one in corpus["annotations"] if one["image_id"] == image["id"] and one["num_keypoints"]]
        points = [[one["keypoints"][at : at + 3] for at in range(0, 51, 3)] for one in people]
        boxes = [box(*one["bbox"]) for one in people]
        records = measured(*map(keypoints, points), *boxes, width=image["width"], height=image["height"])
        before = records["strays"][: len(people)].tolist()
        assert not (records["outside"] > 1).any()
        thrown = [[[x + 3000, y, v] if at == 5 else [x, y, v] for at, (x, y, v) in enumerate(one)] for one in points]
        assert strays(*map(keypoints, thrown), *boxes)[: len(people)] == [count + int(one[5][2] > 0) for count, one in zip(before, points, strict=True)]
        found += before
        labelled += int(records["points"][: len(people)].sum())
    assert labelled == 181 and sum(found) == 5 and sum(count > 0 for count in found) == 4

"""Which object is which: the best assignment, skeletons as in COCO's evaluation, spans, relations; and the number that follows."""

from __future__ import annotations

import copy
import itertools
import os
import subprocess
import sys
import time
import uuid
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from annotate.queues.measuring import agreement as measured
from workflows.quality.matching import points
from workflows.quality.matching.assign import assign
from workflows.quality.matching.match import match
from workflows.quality.matching.score import agreement, score
from workflows.quality.matching.spans import span_f1


def thing(kind: str, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": kind, "label": label, **more}


def box(x: float, y: float = 0, w: float = 10, h: float = 10, label: str = "car", **more: Any) -> dict[str, Any]:
    return thing("box", label, box=[x, y, w, h], **more)


def document(*objects: dict[str, Any], **item: Any) -> dict[str, Any]:
    return {"objects": list(objects), "item": item}


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_no_other_assignment_is_worth_more(n: int, m: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    worth = np.where(chance.random((n, m)) < 0.6, chance.integers(1, 9, (n, m)) / 8, 0.0)
    rows, columns = np.nonzero(worth)
    taken = assign(rows, columns, worth[rows, columns])
    assert len(set(rows[taken])) == len(set(columns[taken])) == len(taken)
    wide = worth if n <= m else worth.T
    best = max(sum(wide[row, column] for row, column in enumerate(way)) for way in itertools.permutations(range(wide.shape[1]), wide.shape[0]))
    assert worth[rows[taken], columns[taken]].sum() == pytest.approx(best)


def test_greed_would_take_the_wrong_pair() -> None:
    truth, answer = [box(0), box(4)], [box(2), box(-2)]
    assert [(pair.truth, pair.answer) for pair in match(truth, answer, threshold=0.3).pairs] == [(0, 1), (1, 0)]


def test_two_thousand_boxes_are_matched_at_once() -> None:
    chance = np.random.default_rng(7)
    places = chance.random((2000, 2)) * 4000
    truth = [box(x, y, 40, 40) for x, y in places]
    answer = [box(x + 3, y - 2, 40, 41) for x, y in places[::-1]]
    began = time.process_time()
    found = match(truth, answer)
    assert time.process_time() - began < 2  # it takes a tenth of a second
    assert sum(pair.answer == 1999 - pair.truth for pair in found.pairs) > 1900


def evaluated(truth: list[list[float]], answer: list[list[float]], area: float) -> float:
    """Object keypoint similarity as COCO's own evaluation computes it."""
    flat = [value for point in truth for value in point]
    said = [value for point in answer for value in point]
    known = COCO()
    person = {"id": 1, "image_id": 1, "category_id": 1, "area": area, "iscrowd": 0, "bbox": [0, 0, 9, 9]}
    known.dataset = {"images": [{"id": 1}], "categories": [{"id": 1, "name": "person"}], "info": {},
                     "annotations": [{**person, "keypoints": flat, "num_keypoints": sum(point[2] > 0 for point in truth)}]}  # fmt: skip
    known.createIndex()
    run = COCOeval(known, known.loadRes([{"image_id": 1, "category_id": 1, "keypoints": said, "score": 1.0}]), "keypoints")
    run._prepare()
    return float(run.computeOks(1, 1)[0, 0])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_skeletons_are_alike_as_in_cocos_evaluation(seed: int) -> None:
    chance = np.random.default_rng(seed)
    seen = chance.integers(0, 3, 17)
    seen[chance.integers(17)] = 2
    truth = [[*place, int(v)] for place, v in zip((chance.random((17, 2)) * 100).tolist(), seen, strict=True)]
    answer = [[x + dx, y + dy, 2] for (x, y, _v), (dx, dy) in zip(truth, (chance.normal(0, 4, (17, 2))).tolist(), strict=True)]
    found = points.oks(np.array([truth]), np.array([answer]), np.array([3000.0]))
    assert found[0] == pytest.approx(evaluated(truth, answer, 3000.0), abs=1e-9)


def test_a_line_may_be_drawn_from_its_other_end() -> None:
    line = [[0, 0], [50, 20], [100, 0]]
    there, back, below = (points.along(one)[None] for one in (line, line[::-1], [[x, y + 40] for x, y in line]))
    assert points.lines(there, back, 10_000)[0] == pytest.approx(1)
    assert points.lines(there, below, 10_000)[0] < 0.01


def test_a_right_place_with_a_wrong_label_is_told_apart() -> None:
    found = score(document(box(0), box(100)), document(box(1), box(100, label="person"), box(300)))
    assert found.parts["labels"]["car"] == {"truth": 2, "answer": 2, "right": 1, "wrong_label": 1, "missing": 0, "extra": 1}
    assert found.parts["confused"] == [["car", "person", 1]]
    assert found.value == pytest.approx(2 / 5)


def test_of_two_in_one_place_the_one_with_the_same_label_is_meant() -> None:
    found = score(document(box(0, label="car"), box(0, label="person")), document(box(0, label="person"), box(0, label="car")))
    assert found.value == 1.0


def test_attributes_count_by_their_share() -> None:
    one = box(0, attributes={"occluded": True, "make": "a", "signs": ["x", "y"], "doors": 4})
    other = box(0, attributes={"occluded": False, "make": "a", "signs": ["y", "x"]})
    assert score(document(one), document(other)).value == pytest.approx(0.5)
    assert score(document(one), document(other)).parts["attributes"]["car"] == {
        "occluded": [0, 1], "make": [1, 1], "signs": [1, 1], "doors": [0, 1],
    }  # fmt: skip


def test_answers_about_the_item_count_as_objects_do() -> None:
    schema = {"item": [{"name": "weather"}]}
    assert score(document(box(0), weather="rain"), document(box(0), weather="clear"), schema).value == pytest.approx(0.5)
    assert score(document(weather="rain"), document(weather="rain", gone=1), schema).value == 1.0
    assert score(document(weather="rain"), document(), schema).value == 0.0


def test_nothing_in_both_is_the_same_answer() -> None:
    assert score(document(), document()).value == 1.0
    assert score(document(), document(box(0))).value == 0.0


def test_spans_count_by_what_they_share_and_relations_follow_their_ends() -> None:
    anna, firm = thing("span", "PER", start=0, end=4), thing("span", "ORG", start=10, end=20)
    works = thing("relation", "works_for", **{"from": anna["id"], "to": firm["id"]})
    hers, theirs = thing("span", "PER", start=0, end=4), thing("span", "ORG", start=10, end=18)
    also = thing("relation", "works_for", **{"from": hers["id"], "to": theirs["id"]})
    turned = also | {"from": theirs["id"], "to": hers["id"]}
    assert score(document(anna, firm, works), document(also, theirs, hers)).value == pytest.approx((1 + 0.8 + 1) / 3)
    assert score(document(anna, firm, works), document(turned, theirs, hers)).value == pytest.approx((1 + 0.8) / 3)


def test_exact_and_overlapping_spans_are_two_measures() -> None:
    truth = [thing("span", "PER", start=0, end=4), thing("span", "LOC", start=10, end=20)]
    answer = [thing("span", "PER", start=0, end=4), thing("span", "LOC", start=15, end=22), thing("span", "PER", start=30, end=31)]
    assert span_f1(truth, answer) == pytest.approx((2 / 5, 4 / 5))


def test_queues_can_ask_how_much_answers_agree() -> None:
    same, apart = document(box(0)), document(box(500))
    assert measured([same, copy.deepcopy(same)], {}) == 1.0
    assert measured([same, apart], {}) == 0.0
    assert agreement([same, same, apart]) == pytest.approx(1 / 3)


def test_nothing_of_the_measuring_is_loaded_before_it_is_asked_for() -> None:
    """Idle processes stay small."""
    script = "import django, sys; django.setup(); from annotate.queues.measuring import measures; print('agreement' in measures, 'numpy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "DJANGO_SETTINGS_MODULE": "workflows.server.settings"})
    assert said.stdout.split() == ["True", "False"]


def test_a_near_place_with_the_same_label_beats_a_nearer_one_with_another() -> None:
    """Someone drew the car twice and named it differently: one is right, the other is too much."""
    found = score(document(box(0)), document(box(0.5, label="van"), box(1)))
    assert found.parts["labels"]["car"] | found.parts["labels"]["van"] == {"truth": 0, "answer": 1, "right": 0, "wrong_label": 0, "missing": 0, "extra": 1}
    assert found.parts["labels"]["car"]["right"] == 1


def test_labels_that_were_swapped_are_swapped_and_not_moved() -> None:
    found = score(document(box(0, label="car"), box(3, label="van")), document(box(0, label="van"), box(3, label="car")))
    assert found.parts["confused"] == [["car", "van", 1], ["van", "car", 1]]
    assert found.value == 0.0


def test_what_is_left_out_means_its_default() -> None:
    schema = {
        "labels": [{"name": "car", "attributes": [
            {"name": "occluded", "type": "bool"}, {"name": "lights", "type": "bool", "default": True}, {"name": "make", "type": "choice", "options": ["a"]},
        ]}],
        "item": [{"name": "usable", "type": "bool", "default": True}, {"name": "weather", "type": "choice", "options": ["rain"]}],
    }  # fmt: skip
    said, unsaid = box(0, attributes={"occluded": False, "lights": True, "make": "a"}), box(0)
    assert score(document(said), document(unsaid), schema).parts["attributes"] == {"car": {"lights": [1, 1], "make": [0, 1], "occluded": [1, 1]}}
    assert score(document(said), document(unsaid), schema).value == pytest.approx(2 / 3)
    assert score(document(usable=True), document(), schema).value == 1.0
    assert score(document(usable=False), document(), schema).value == 0.0


def test_of_two_in_one_place_the_one_with_the_same_attributes_is_meant() -> None:
    ones = [box(0, attributes={"late": True}), box(0, attributes={"late": False})]
    assert score(document(*ones), document(*ones[::-1])).value == 1.0
    for one in ones:
        assert score(document(one), document(*ones)).value == pytest.approx(2 / 3)
        assert score(document(*ones), document(one)).value == pytest.approx(2 / 3)


def test_which_of_equals_is_missing_does_not_hang_on_their_order() -> None:
    two = [box(0, label="car"), box(0, label="van")]
    parts = [score(document(*side), document(box(0, label="bus"))).parts["confused"] for side in (two, two[::-1])]
    assert parts[0] == parts[1]


def test_relations_between_the_same_two_things_are_told_by_their_label() -> None:
    anna, firm = thing("span", "PER", start=0, end=4), thing("span", "ORG", start=10, end=20)
    ends = {"from": anna["id"], "to": firm["id"]}
    works, owns, left = (thing("relation", name, **ends) for name in ("works_for", "owns", "left"))
    assert score(document(anna, firm, works, owns), document(anna, firm, owns, works)).value == 1.0
    found = score(document(anna, firm, left, owns), document(anna, firm, owns, works)).parts
    assert found["labels"]["owns"]["right"] == 1
    assert found["confused"] == [["left", "works_for", 1]]


def test_a_threshold_of_one_asks_for_the_very_same_characters() -> None:
    truth = document(thing("span", "PER", start=0, end=4), thing("span", "LOC", start=10, end=20))
    answer = document(thing("span", "PER", start=0, end=4), thing("span", "LOC", start=10, end=19))
    assert score(truth, answer, threshold=1.0).value == pytest.approx(0.5)
    assert score(truth, answer).value == pytest.approx((1 + 0.9) / 2)


def test_points_and_lines_are_near_by_the_size_of_the_picture() -> None:
    """At 1 % of the side a point still counts, at 5 % it does not; with no size given the drawing itself says how large."""
    for kind, place in (("point", [[500, 500]]), ("polyline", [[100, 100], [500, 500], [900, 100]])):
        truth = document(thing(kind, points=place))
        near, far = (document(thing(kind, points=[[x, y + step] for x, y in place])) for step in (10, 50))
        assert [score(truth, answer, picture=1e6).value for answer in (near, far)] == [1.0, 0.0]
        assert [score(truth, answer).value for answer in (truth, far)] == [1.0, 0.0]


def test_skeletons_of_other_points_and_shapes_of_other_natures_are_never_the_same() -> None:
    two, three = thing("keypoints", points=[[0, 0, 2], [9, 9, 2]]), thing("keypoints", points=[[0, 0, 2], [9, 9, 2], [5, 5, 0]])
    found = match([two, box(0), thing("point", points=[[5, 5]])], [three, thing("polyline", points=[[0, 0], [10, 10]])])
    assert not found.pairs
    assert (found.missing, found.extra) == ([0, 1, 2], [0, 1])


def test_a_pile_of_thousands_of_equal_boxes_is_still_told_in_seconds() -> None:
    pile = document(*(box(1, label="ab"[n % 2]) for n in range(2000)))
    began = time.process_time()
    assert score(pile, pile).value == 1.0
    assert time.process_time() - began < 20

"""Which object is which: the best assignment, skeletons as in COCO's evaluation, spans, relations; and the number that follows."""

from __future__ import annotations

import copy
import itertools
import time
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
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


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=200, deadline=None)
def test_no_other_assignment_is_worth_more(n: int, m: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    worth = np.where(chance.random((n, m)) < 0.6, chance.integers(1, 9, (n, m)) / 8, 0.0)
    found = assign(worth)
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    assert all(worth[pair] > 0 for pair in found)
    wide = worth if n <= m else worth.T
    best = max(sum(wide[row, column] for row, column in enumerate(way)) for way in itertools.permutations(range(wide.shape[1]), wide.shape[0]))
    assert sum(worth[pair] for pair in found) == pytest.approx(best)


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
    assert time.process_time() - began < 10  # far more than it takes, far less than looking at every pair one by one
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
    seen = chance.integers(1, 3, 17)
    truth = [[*place, int(v)] for place, v in zip((chance.random((17, 2)) * 100).tolist(), seen, strict=True)]
    answer = [[x + dx, y + dy, 2] for (x, y, _v), (dx, dy) in zip(truth, (chance.normal(0, 4, (17, 2))).tolist(), strict=True)]
    assert points.oks(truth, answer, 3000.0) == pytest.approx(evaluated(truth, answer, 3000.0), abs=1e-9)


def test_a_line_may_be_drawn_from_its_other_end() -> None:
    line = [[0, 0], [50, 20], [100, 0]]
    assert points.lines(line, line[::-1], 10_000) == pytest.approx(1)
    assert points.lines(line, [[x, y + 40] for x, y in line], 10_000) < 0.01


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


objects = st.lists(
    st.builds(
        lambda x, y, label, late: box(x, y, 12, 9, label=label, attributes={"late": late}),
        st.integers(0, 40), st.integers(0, 40), st.sampled_from(["car", "person"]), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(objects, objects, st.randoms())
@settings(max_examples=100, deadline=None)
def test_a_score_knows_neither_sides_nor_order_nor_ids(ones: list[Any], others: list[Any], chance: Any) -> None:
    value = score(document(*ones), document(*others)).value
    assert 0 <= value <= 1
    mixed = [one | {"id": str(uuid.uuid4())} for one in ones]
    chance.shuffle(mixed)
    assert score(document(*ones), document(*mixed)).value == pytest.approx(1.0)
    parts = score(document(*ones), document(*others)).parts["labels"].values()
    assert all(row["truth"] == row["right"] + row["wrong_label"] + row["missing"] for row in parts)


def test_real_boxes_that_are_shifted_a_little_still_match(data: Callable[[str], Any]) -> None:
    """364 pictures of blood cells, crowded and overlapping: each box is found again by itself, each of the three kinds by name."""
    objects = right = 0
    for path in sorted((data("bccd_bbox") / "Annotations").glob("*.xml"))[:100]:
        truth = []
        for found in ElementTree.parse(path).iter("object"):
            left, top, far, low = (float(found.findtext(f"bndbox/{name}") or 0) for name in ("xmin", "ymin", "xmax", "ymax"))
            truth.append(box(left, top, max(far - left, 1), max(low - top, 1), label=str(found.findtext("name"))))
        answer = [one | {"box": [one["box"][0] + 2, one["box"][1] - 1, *one["box"][2:]]} for one in truth[::-1]]
        found_again = score(document(*truth), document(*answer)).parts["labels"].values()
        objects += len(truth)
        right += sum(row["right"] for row in found_again)
    assert objects > 1000
    assert right / objects > 0.99


def test_queues_can_ask_how_much_answers_agree() -> None:
    same, apart = document(box(0)), document(box(500))
    assert measured([same, copy.deepcopy(same)], {}) == 1.0
    assert measured([same, apart], {}) == 0.0
    assert agreement([same, same, apart]) == pytest.approx(1 / 3)

"""Objects of several people: found to be the same things, then compared."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from workflows.quality.agreement import boxes, breakdown, krippendorff

A, B, C = "ada", "ben", "cleo"


def box(x: float, label: str = "car", **attributes: Any) -> dict[str, Any]:
    return {"id": f"{x}{label}", "kind": "box", "label": label, "box": [x, 0, 10, 10]} | ({"attributes": attributes} if attributes else {})


def test_things_are_found_again_whatever_the_order_of_people_and_objects() -> None:
    answers = {A: [box(0), box(100), box(200)], B: [box(201), box(1)], C: [box(99), box(400), box(2)]}
    expected = {frozenset({(A, 0), (B, 1), (C, 2)}), frozenset({(A, 100), (C, 99)}), frozenset({(A, 200), (B, 201)}), frozenset({(C, 400)})}
    for people in itertools.permutations(answers):
        mixed: dict[Any, Any] = {person: answers[person][::-1] for person in people}
        assert {frozenset((who, thing["box"][0]) for who, thing in one.members.items()) for one in boxes.units([(1, mixed)])} == expected


def test_a_chain_of_neighbours_is_not_one_thing() -> None:
    """The first is like the second and the second like the third, but not the first like the third."""
    found = boxes.units([(1, {A: [box(0)], B: [box(2.5)], C: [box(5)]})], threshold=0.5)
    assert sorted(len(one.members) for one in found) == [1, 2]


def test_one_gap_among_many_does_not_split_a_thing() -> None:
    """The outermost two are too far from each other, and close enough to all others."""
    found = boxes.units([(1, {number: [box(x)] for number, x in enumerate((0, 1.5, 2, 2.5, 4))})], threshold=0.5)
    assert [len(one.members) for one in found] == [5]


def test_place_is_told_apart_from_label() -> None:
    items = [
        (1, {A: [box(0), box(50, "van")], B: [box(1), box(51, "van")]}),
        (2, {A: [box(0)], B: [box(1, "van")]}),
        (3, {A: [box(0)], B: []}),
        (4, {A: [], B: []}),
        (5, {A: [box(0)]}),
    ]
    found = boxes.agreement(boxes.units(items))
    assert (found.place.value, found.place.units, found.place.ratings) == (0.75, 3, 7)
    assert found.labels.value == krippendorff.alpha([["car", "car"], ["van", "van"], ["car", "van"]]).value
    assert found.labels.units == 3
    assert found.whole.value == krippendorff.alpha([["car", "car"], ["van", "van"], ["car", "van"], ["car", False]]).value
    assert boxes.alpha(items) == found.labels


def test_pairs_of_whom_neither_saw_a_thing_are_of_no_account() -> None:
    """Of four people two saw the one thing, and one the other: 1 of 5 pairs, and 0 of 3."""
    found = boxes.place(boxes.units([(1, {A: [box(0)], B: [box(1), box(90)], C: [], "dan": []})]))
    assert found.value == 1 / 8


def test_people_who_never_meet_have_no_agreement() -> None:
    found = boxes.agreement(boxes.units([(1, {A: [box(0)], B: [box(300)]})]))
    assert found.place.value == 0.0
    assert found.labels.why == "no_pairs"
    assert found.whole.value is not None and found.whole.value < 0
    assert boxes.agreement([]).place.why == "no_pairs"


def test_attributes_are_compared_where_the_label_is_the_same() -> None:
    schema = {"labels": [{"name": "car", "attributes": [{"name": "parked", "type": "bool"}]}]}
    items = [
        (1, {A: [box(0, parked=True)], B: [box(1)], C: [box(0.5, "van", parked=True)]}),
        (2, {A: [box(0, make="x")], B: [box(1, parked=True)]}),
        (3, {A: [box(0, parked=True)], B: [box(1, parked=True)]}),
    ]
    rows = list(boxes.attributes(boxes.units(items), schema))
    assert (B, (1, 0), False, ("car", "parked")) in rows
    found = breakdown.by_key(rows)
    assert found["car", "parked"].value == krippendorff.alpha([[True, False], [False, True], [True, True]]).value
    assert found["car", "make"].units == 1
    assert found["van", "parked"].why == "no_pairs"


def test_spans_and_masks_are_units_too() -> None:
    spans = [{"id": "1", "kind": "span", "label": "person", "start": 0, "end": 5}, {"id": "2", "kind": "span", "label": "place", "start": 9, "end": 12}]
    moved = [spans[1] | {"label": "person"}, spans[0] | {"end": 6}]
    found = boxes.agreement(boxes.units([("text", {A: spans, B: moved})]))
    assert found.place.value == 1.0
    assert found.labels.value == krippendorff.alpha([["person", "person"], ["place", "person"]]).value


def test_jitter_costs_place_and_confusion_costs_label() -> None:
    """Boxes of three people who miss one in ten and mistake one in five: both are found again."""
    chance = np.random.default_rng(5)
    items = []
    for item in range(150):
        answers: dict[Any, Any] = {person: [] for person in (A, B, C)}
        for thing in range(3):
            for person in answers:
                if chance.random() < 0.9:
                    answers[person].append(box(40 * thing + chance.normal(0, 0.5), ["car", "van"][int((thing % 2) ^ (chance.random() < 0.2))]))
        items.append((item, answers))
    found = boxes.agreement(boxes.units(items))
    assert found.place.value == pytest.approx(0.81 / 0.99, abs=0.03)
    assert found.place.low is not None and found.place.high is not None and found.place.low < 0.81 / 0.99 < found.place.high
    assert found.labels.value == pytest.approx(1 - (2 * 0.8 * 0.2) / (2 * 0.6 * 0.4), abs=0.08)

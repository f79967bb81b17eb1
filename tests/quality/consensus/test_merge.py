"""What is taken, what is left out and what is told, each on a handful of objects."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pytest

from annotate.labels.masks import encode
from annotate.labels.schema import parse
from annotate.labels.validation import check
from workflows.quality.consensus.merge import consensus, consensus_of_many
from workflows.quality.consensus.shapes import medians
from workflows.quality.matching.likeness import alike

SCHEMA = {
    "labels": [
        {"name": "truck", "kinds": ["box", "polygon", "mask"]},
        {
            "name": "car",
            "kinds": ["box", "polygon", "mask", "point", "polyline", "keypoints", "span"],
            "attributes": [
                {"name": "occluded", "type": "bool"},
                {"name": "make", "type": "choice", "options": ["z", "a"]},
                {"name": "signs", "type": "choice", "options": ["l", "r"], "multiple": True},
                {"name": "lit", "type": "bool", "when": {"occluded": False}},
            ],
        },
        {"name": "bus", "kinds": ["box"]},
    ],
    "item": [{"name": "weather", "type": "choice", "options": ["rain", "fog"]}, {"name": "night", "type": "bool"}],
    "relations": [{"name": "tows", "from": ["truck"], "to": ["car"]}, {"name": "hides"}],
}


def thing(kind: str = "box", label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": kind, "label": label, **more}


def box(x: float = 10, y: float = 10, w: float = 40, h: float = 20, label: str = "car", **more: Any) -> dict[str, Any]:
    return thing(label=label, box=[x, y, w, h], **more)


def said(*objects: dict[str, Any], **item: Any) -> dict[str, Any]:
    return {"objects": list(objects), "item": item}


def all_say(*objects: dict[str, Any]) -> dict[str, Any]:
    """One object by each person."""
    return {person: said(one) for person, one in zip(("ann", "bob", "cat", "dan", "eve"), objects, strict=False)}


def test_each_edge_of_a_box_is_the_median_so_that_one_sloppy_edge_moves_nothing() -> None:
    found = consensus(all_say(box(10, 10, 40, 20), box(11, 10, 39, 20), box(10, 4, 40, 26)))
    (choice,) = found.choices
    assert choice.thing["box"] == [10, 10, 40, 20] and choice.shape == "median"
    assert [member.alike for member in choice.members] == pytest.approx([1, 39 / 40, 20 / 26])
    assert choice.score == pytest.approx((1 + 39 / 40 + 20 / 26) / 3)
    assert found.unanimous


def test_two_boxes_meet_in_the_middle_and_weights_pull() -> None:
    both = {"ann": said(box(10, 10, 40, 20)), "bob": said(box(14, 10, 40, 20))}
    assert consensus(both).document["objects"][0]["box"] == [12, 10, 40, 20]
    assert consensus(both, weights={"bob": 3}).document["objects"][0]["box"] == [14, 10, 40, 20]


def test_a_weighted_median_is_that_of_so_many_copies() -> None:
    chance = np.random.default_rng(7)
    values, weights = chance.normal(size=(40, 5, 4)), chance.integers(1, 4, size=(40, 5))
    for row, times, found in zip(values, weights, medians(values, weights.astype(float)), strict=True):
        assert found == pytest.approx(np.median(np.repeat(row, times, axis=0), axis=0))


def test_the_median_of_three_boxes_is_nearer_to_the_truth_than_any_one_or_the_medoid() -> None:
    chance = np.random.default_rng(3)
    truth = np.array([100.0, 100, 80, 60])
    errors: dict[str, list[float]] = {"median": [], "medoid": [], "one": []}
    for _turn in range(150):
        drawn = [box(*(truth + chance.normal(scale=3, size=4))) for _person in range(3)]
        like = np.array([[next(alike([one], [other], 1.0, 0.1))[2][0] for other in drawn] for one in drawn])
        shapes = {"median": consensus(all_say(*drawn)).document["objects"][0], "medoid": drawn[int(like.sum(axis=1).argmax())], "one": drawn[0]}
        for name, shape in shapes.items():
            errors[name].append(1 - float(next(alike([shape], [box(*truth)], 1.0, 0.1))[2][0]))
    means = {name: float(np.mean(rows)) for name, rows in errors.items()}
    assert means["median"] < 0.9 * means["medoid"] < 0.9 * means["one"]


@pytest.mark.parametrize(
    ("near", "far", "other"),
    [
        ({"kind": "box", "box": [10, 10, 40, 20], "rotation": 30}, {"rotation": 20}, {"rotation": 33}),
        ({"kind": "polygon", "points": [[0, 0], [40, 0], [40, 40], [0, 40]]}, {"points": [[0, 0], [40, 0], [40, 30], [0, 30]]}, {"points": [[0, 0], [40, 0], [40, 42], [0, 42]]}),
        ({"kind": "mask", "rle": {"size": [10, 10], "counts": encode([0, 50, 50])}}, {"rle": {"size": [10, 10], "counts": encode([0, 30, 70])}}, {"rle": {"size": [10, 10], "counts": encode([0, 54, 46])}}),
        ({"kind": "span", "start": 10, "end": 30, "text": "x"}, {"start": 14, "end": 30}, {"start": 9, "end": 30}),
        ({"kind": "polyline", "points": [[0, 0], [50, 0]]}, {"points": [[0, 1.5], [50, 1.5]]}, {"points": [[0, -0.3], [50, -0.3]]}),
        ({"kind": "keypoints", "points": [[0, 0, 2], [50, 0, 2], [0, 50, 2]]}, {"points": [[6, 0, 2], [50, 0, 2], [0, 50, 2]]}, {"points": [[-1, 0, 2], [50, 0, 2], [0, 50, 2]]}),
    ],
    ids=lambda shape: shape.get("kind", "") if isinstance(shape, dict) else "",
)
def test_other_shapes_are_the_one_that_is_most_like_all(near: dict[str, Any], far: dict[str, Any], other: dict[str, Any]) -> None:
    drawn = [thing(**{**near, **shape}) for shape in (far, {}, other)]
    found = consensus(all_say(*drawn), picture=10_000)
    (choice,) = found.choices
    assert (choice.shape, choice.of) == ("medoid", "bob")
    assert {name: choice.thing[name] for name in near} == near
    assert choice.members[1].alike == 1 and choice.score < 1


def test_lone_points_meet_in_the_median() -> None:
    drawn = [thing("point", points=[[x, 10]]) for x in (10, 11, 12)]
    (choice,) = consensus(all_say(*drawn), picture=10_000).choices
    assert choice.thing["points"] == [[11, 10]] and choice.shape == "median"
    assert choice.members[1].alike == 1 > choice.members[0].alike > 0.5


def test_a_polygon_and_a_mask_and_a_box_in_one_place_are_one_thing() -> None:
    drawn = [box(0, 0, 10, 10), thing("polygon", points=[[0, 0], [10, 0], [10, 9], [0, 9]]), box(0, 0, 10, 9)]
    (choice,) = consensus(all_say(*drawn)).choices
    assert (choice.thing["kind"], choice.shape) in {("polygon", "medoid"), ("box", "medoid")} and len(choice.members) == 3


def test_what_fewer_than_half_saw_is_left_out_and_told() -> None:
    lone = box(200, 200)
    found = consensus({"ann": said(box(), lone), "bob": said(box()), "cat": said()})
    assert [choice.thing["box"] for choice in found.choices] == [[10, 10, 40, 20]]
    (left,) = found.left_out
    assert left.explain(3, 2) == {
        "why": "below_quorum",
        "label": {"value": "car", "weights": [["car", 1.0]], "tie": None},
        "seen_by": 1,
        "people": 3,
        "quorum": 2,
        "votes": [{"person": "ann", "object": lone["id"], "label": "car", "weight": 1.0, "alike": 1.0}],
    }
    assert found.choices[0].score == pytest.approx(2 / 3) and not found.unanimous  # who drew nothing voted for nothing


def test_who_has_no_answer_is_not_counted_but_who_found_nothing_is() -> None:
    one = {"ann": said(box()), "bob": said(), "cat": said()}
    assert consensus(one).document["objects"] == []
    assert len(consensus({**one, "bob": None, "cat": None}).document["objects"]) == 1
    empty = consensus({})
    assert empty.document == {"objects": [], "item": {}} and empty.people == () and empty.unanimous


@pytest.mark.parametrize(("quorum", "seen"), [(None, 2), (1, 3), (2, 2), (3, 1), (4, 0)])
def test_the_quorum_decides_how_many_must_see_it(quorum: int | None, seen: int) -> None:
    crowd = {"ann": said(box(), box(100), box(200)), "bob": said(box(), box(100)), "cat": said(box())}
    assert len(consensus(crowd, quorum=quorum).choices) == seen


def test_the_label_is_a_vote_and_its_attributes_come_from_those_who_gave_it() -> None:
    crowd = all_say(box(label="bus"), box(label="car", attributes={"make": "a"}), box(label="car", attributes={"make": "a", "occluded": False}))
    (choice,) = consensus(crowd, SCHEMA).choices
    assert (choice.thing["label"], choice.thing["attributes"]) == ("car", {"make": "a", "occluded": False})
    assert choice.score == pytest.approx(2 / 3)
    (choice,) = consensus(crowd, SCHEMA, weights={"ann": 5}).choices
    assert choice.thing["label"] == "bus" and "attributes" not in choice.thing


def test_a_tied_label_follows_the_schema_or_is_left_out_and_is_told_either_way() -> None:
    crowd = all_say(box(label="bus"), box(label="truck"), box(300))
    first = consensus(crowd, SCHEMA)
    assert first.choices[0].thing["label"] == "truck"
    assert first.ties == [{"at": "label", "id": first.choices[0].thing["id"], "name": None, "values": ["truck", "bus"], "rule": "first"}]
    none = consensus(crowd, SCHEMA, ties="none")
    assert not none.choices and [left.why for left in none.left_out] == ["tie", "below_quorum"]
    assert none.ties[0]["values"] == ["truck", "bus"]


def test_weights_that_are_as_good_as_equal_tie() -> None:
    crowd = all_say(box(label="bus"), box(label="bus"), box(label="truck"))
    found = consensus(crowd, SCHEMA, weights={"ann": 0.1, "bob": 0.2, "cat": 0.3})
    assert found.choices[0].label.tied == ("truck", "bus") and found.choices[0].thing["label"] == "truck"


def test_of_two_outlines_the_same_is_taken_whoever_drew_it() -> None:
    drawn = [thing("polygon", points=[[0, 0], [40, 0], [40, high], [0, high]]) for high in (40, 42)]
    one, other = (consensus(all_say(*pair)).choices[0] for pair in (drawn, drawn[::-1]))
    assert one.thing["points"] == other.thing["points"] and {one.of, other.of} == {"ann", "bob"}
    assert consensus(all_say(*drawn), weights={"bob": 2}).choices[0].of == "bob"


def test_attributes_are_votes_with_defaults_sets_and_conditions() -> None:
    crowd = all_say(
        box(attributes={"make": "a", "signs": ["l", "r"], "occluded": True, "lit": True}),
        box(attributes={"make": "z", "signs": ["r"], "occluded": True}),
        box(attributes={"signs": ["r", "l"], "lit": True}),
    )
    found = consensus(crowd, SCHEMA)
    (choice,) = found.choices
    assert choice.thing["attributes"] == {"make": "z", "signs": ["l", "r"], "occluded": True}  # `lit` counts where nothing hides it
    assert choice.attributes["make"].tied == ("z", "a", None)
    assert choice.attributes["occluded"].weights == ((True, 2.0), (False, 1.0))  # a mark not set is false
    assert choice.attributes["signs"].weights == (("r", 3.0), ("l", 2.0))


def test_answers_about_the_item_are_votes_and_no_answer_is_one_for_nothing() -> None:
    crowd = {"ann": said(weather="rain", night=True), "bob": said(weather="rain"), "cat": said(weather="fog")}
    found = consensus(crowd, SCHEMA)
    assert found.document["item"] == {"weather": "rain", "night": False}
    assert consensus({"ann": said(weather="fog"), "bob": said(), "cat": said()}, SCHEMA).document["item"] == {}
    tied = consensus({"ann": said(weather="fog"), "bob": said(weather="rain")}, SCHEMA)
    assert tied.document["item"] == {"weather": "rain"}
    assert tied.ties == [{"at": "item", "id": None, "name": "weather", "values": ["rain", "fog"], "rule": "first"}]
    assert consensus({"ann": said(weather="fog"), "bob": said(weather="rain")}, SCHEMA, ties="none").document["item"] == {}


def test_an_object_joins_only_where_it_is_alike_to_every_member() -> None:
    """A row of boxes, each alike to the next alone, is no one thing."""
    crowd = all_say(box(0, 0, 30, 10), box(8, 0, 30, 10), box(16, 0, 30, 10))
    found = consensus(crowd, quorum=1)
    assert sorted(len(choice.members) for choice in found.choices) == [1, 2]
    assert not consensus(crowd, quorum=3).choices


def test_four_people_in_two_pairs_come_together() -> None:
    crowd = all_say(box(0, 0, 40, 10), box(0, 0, 40, 10), box(4, 0, 40, 10), box(4, 0, 40, 10))
    assert [len(choice.members) for choice in consensus(crowd).choices] == [4]


def test_relations_link_the_consensus_things() -> None:
    crowd = {}
    for person, name in (("ann", "tows"), ("bob", "tows"), ("cat", "hides")):
        one, other, lone = box(label="truck"), box(100), box({"ann": 300, "bob": 500, "cat": 700}[person])
        crowd[person] = said(one, other, lone, thing("relation", name, **{"from": one["id"], "to": other["id"]}), thing("relation", "hides", **{"from": lone["id"], "to": one["id"]}))
    found = consensus(crowd, SCHEMA)
    ids = {choice.thing["label"]: choice.thing["id"] for choice in found.choices}
    relation = found.document["objects"][-1]
    assert (relation["label"], relation["from"], relation["to"]) == ("tows", ids["truck"], ids["car"])
    whys = [(left.why, left.label.value) for left in found.left_out]
    assert whys.count(("below_quorum", "hides")) == 4 and len(found.document["objects"]) == 3
    assert [left.why for left in consensus({"ann": crowd["ann"]}, quorum=1).left_out] == []


def test_a_relation_to_what_was_left_out_is_left_out() -> None:
    crowd = {}
    for person, far in (("ann", 300), ("bob", 500)):
        one, lone = box(), box(far)
        crowd[person] = said(one, lone, thing("relation", "hides", **{"from": one["id"], "to": lone["id"]}))
    found = consensus(crowd, quorum=2)
    assert [left.why for left in found.left_out] == ["below_quorum"] * 4
    found = consensus({**crowd, "cat": said(box())}, quorum=1)
    assert [choice.thing["kind"] for choice in found.choices] == ["box", "box", "box", "relation", "relation"]


def test_ids_are_new_uuids_that_stay() -> None:
    crowd = all_say(box(), box())
    one, again, elsewhere = (consensus(crowd, item=item).document["objects"][0]["id"] for item in (1, 1, 2))
    assert one == again != elsewhere and uuid.UUID(one).version == 5
    assert one not in {crowd["ann"]["objects"][0]["id"], crowd["bob"]["objects"][0]["id"]}
    assert len({thing["id"] for thing in consensus({"ann": said({"kind": "box", "label": "car", "box": [0, 0, 9, 9]}, {"kind": "box", "label": "car", "box": [0, 0, 9, 9]})}).document["objects"]}) == 2


def test_a_track_stays_where_all_have_it() -> None:
    track = str(uuid.uuid4())
    assert consensus(all_say(box(track=track), box(12, track=track))).document["objects"][0]["track"] == track
    assert "track" not in consensus(all_say(box(track=track), box(12))).document["objects"][0]


def test_the_document_is_an_annotation_of_the_product() -> None:
    crowd = {
        person: said(box(10 + move, attributes={"make": "a"}, source="person"), thing("polygon", "truck", points=[[0, 0], [40, 0], [40, 40 + move]]), weather="rain")
        for person, move in (("ann", 0), ("bob", 1.5), ("cat", 3))
    }
    document = consensus(crowd, SCHEMA).document
    assert check(document, parse(SCHEMA), width=100, height=100, text=None) == document


@pytest.mark.parametrize(
    ("how", "told"), [({"quorum": 0}, "quorum must be 1"), ({"threshold": 0}, "threshold must be"), ({"ties": "last"}, "ties must be"), ({"weights": {"ann": 0}}, "weight of 'ann'")]
)
def test_what_makes_no_sense_is_refused(how: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        consensus({}, **how)


def test_many_items_come_in_order() -> None:
    rows = [(place, all_say(box(place), box(place + 1)), 0.0) for place in range(1500)]
    assert [found.document["objects"][0]["box"][0] for found in consensus_of_many(rows)] == [place + 0.5 for place in range(1500)]

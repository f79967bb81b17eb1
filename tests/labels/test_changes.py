"""What differs between two revisions, and that the changes tell all of it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labels.changes import Change, box_iou, changes

ONE, TWO = (str(uuid.UUID(int=n)) for n in (1, 2))


def box(*sides: float, id: str = ONE, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": "box", "label": label, "box": list(sides), **more}


def document(*objects: Any, **item: Any) -> dict[str, Any]:
    return {"objects": list(objects), "item": item}


def test_added_and_removed() -> None:
    old, new = box(0, 0, 1, 1), box(0, 0, 1, 1, id=TWO, label="bus")
    assert changes(document(old), document(new)) == [
        Change(ONE, "removed", "car", before=old),
        Change(TWO, "added", "bus", after=new),
    ]


def test_one_object_may_change_in_every_way() -> None:
    before = document(box(0, 0, 10, 10, attributes={"parked": True, "doors": 4}))
    after = document(box(0, 0, 10, 20, label="bus", attributes={"parked": True, "line": "7"}))
    relabelled, moved, attributes = changes(before, after)
    assert relabelled == Change(ONE, "relabelled", "bus", "car", "bus")
    assert (moved.kind, moved.iou, moved.after) == ("moved", 0.5, {"kind": "box", "box": [0, 0, 10, 20]})
    assert attributes == Change(ONE, "attributes", "bus", {"doors": 4, "line": None}, {"doors": None, "line": "7"})


def test_attributes_of_the_item_have_no_id() -> None:
    assert changes(document(weather="rain"), document(weather="fog")) == [
        Change("", "attributes", "", {"weather": "rain"}, {"weather": "fog"})
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (box(0, 0, 1, 1), box(0.0, 0, 1.0, 1)),
        (box(0, 0, 1, 1), box(0, 0, 1, 1, rotation=0)),
        (box(0, 0, 1, 1, attributes={}), box(0, 0, 1, 1)),
        (box(0, 0, 1, 1, source="prediction", score=0.5, model="m"), box(0, 0, 1, 1, source="person")),
    ],
)
def test_what_says_the_same_is_no_change(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert changes(document(one), document(other)) == []
    assert changes({"objects": [one]}, {"objects": [other], "item": {}}) == []


def test_true_is_not_one() -> None:
    assert [change.kind for change in changes(document(x=True), document(x=1))] == ["attributes"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"kind": "box", "box": [0, 0, 1, 1]}, {"kind": "box", "box": [0, 0, 1, 1], "rotation": 30}),
        ({"kind": "polygon", "points": [[0, 0], [1, 0], [1, 1]]}, {"kind": "polygon", "points": [[0, 0], [1, 0], [1, 2]]}),
        ({"kind": "mask", "rle": {"size": [1, 1], "counts": "01"}}, {"kind": "box", "box": [0, 0, 1, 1]}),
        ({"kind": "span", "start": 0, "end": 2}, {"kind": "span", "start": 1, "end": 2}),
        ({"kind": "relation", "from": ONE, "to": TWO}, {"kind": "relation", "from": TWO, "to": ONE}),
    ],
)
def test_every_shape_can_move(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, after = ({"id": ONE, "label": "x", **shape} for shape in (one, other))
    (change,) = changes(document(before), document(after))
    assert (change.kind, change.iou) == ("moved", None)
    assert (change.before, change.after) == (one, other)


def test_a_line_leaves_out_what_does_not_apply() -> None:
    added, moved = changes(document(box(0, 0, 2, 2)), document(box(0, 0, 2, 1), box(5, 5, 1, 1, id=TWO)))[::-1]
    assert set(added.document()) == {"id", "change", "label", "after"}
    assert set(moved.document()) == {"id", "change", "label", "before", "after", "iou"}


CASES = json.loads(Path(__file__).with_name("changes.json").read_text())  # the page's own code is held to them as well


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_golden_cases(case: dict[str, Any]) -> None:
    assert [change.document() for change in changes(case["before"], case["after"])] == case["changes"]


sides = st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 30)] * 2).map(list)
objects = st.builds(
    lambda n, label, place, attributes: box(*place, id=str(uuid.UUID(int=n)), label=label, attributes=attributes),
    st.integers(0, 5),
    st.sampled_from(["car", "bus"]),
    sides,
    st.dictionaries(st.sampled_from("ab"), st.booleans() | st.integers(0, 2), max_size=2),
)
documents = st.builds(
    lambda things, item: document(*{thing["id"]: thing for thing in things}.values(), **item),
    st.lists(objects, max_size=5),
    st.dictionaries(st.sampled_from("xy"), st.integers(0, 2), max_size=2),
)


def applied(before: dict[str, Any], found: list[Change]) -> dict[str, Any]:
    """The document that the changes lead to."""
    things = {thing["id"]: dict(thing) for thing in before["objects"]}
    item = dict(before["item"])
    for change in found:
        if change.kind == "removed":
            del things[change.id]
        elif change.kind == "added":
            things[change.id] = dict(change.after)
        elif change.kind == "relabelled":
            things[change.id]["label"] = change.after
        elif change.kind == "moved":
            things[change.id] |= change.after
        else:
            values = things[change.id]["attributes"] if change.id else item
            values = {name: value for name, value in {**values, **change.after}.items() if value is not None}
            if change.id:
                things[change.id]["attributes"] = values
            else:
                item = values
    return {"objects": sorted(things.values(), key=lambda thing: thing["id"]), "item": item}


def ordered(given: dict[str, Any]) -> str:
    return repr({"objects": sorted(map(sorted_keys, given["objects"]), key=repr), "item": sorted_keys(given["item"])})


def sorted_keys(values: dict[str, Any]) -> list[Any]:
    return sorted((name, sorted_keys(value) if isinstance(value, dict) else value) for name, value in values.items())


@given(documents, documents)
def test_changes_lead_from_one_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert ordered(applied(before, changes(before, after))) == ordered(after)


@given(documents)
def test_a_document_does_not_differ_from_itself(given: dict[str, Any]) -> None:
    assert changes(given, {"objects": given["objects"][::-1], "item": given["item"]}) == []


@given(documents, documents)
def test_the_way_back_undoes_the_way_there(before: dict[str, Any], after: dict[str, Any]) -> None:
    opposite = {"added": "removed", "removed": "added"}
    there = {(change.id, opposite.get(change.kind, change.kind), change.iou) for change in changes(before, after)}
    assert {(change.id, change.kind, change.iou) for change in changes(after, before)} == there


@given(sides, sides)
def test_overlap_against_counted_pixels(one: list[int], other: list[int]) -> None:
    def pixels(x: int, y: int, w: int, h: int) -> set[tuple[int, int]]:
        return {(left, top) for left in range(x, x + w) for top in range(y, y + h)}

    first, second = pixels(*one), pixels(*other)
    assert box_iou(one, other) == pytest.approx(len(first & second) / len(first | second))

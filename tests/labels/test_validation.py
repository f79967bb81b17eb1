"""Whole documents (a submit), object by object (an import), half done (a draft): what each lets through."""

from __future__ import annotations

import math
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.kernel.errors import Invalid
from annotate.labels.masks import encode
from annotate.labels.schema import parse
from annotate.labels.validation import check, sift

SCHEMA = parse(
    {
        "labels": [
            {
                "name": "car",
                "kinds": ["box", "polygon", "polyline", "point", "mask"],
                "attributes": [
                    {"name": "parked", "type": "bool"},
                    {"name": "doors", "type": "number", "min": 0, "required": True, "when": {"parked": True}},
                    {"name": "colours", "type": "choice", "options": ["red", "blue"], "multiple": True},
                ],
            },
            {"name": "bus", "kinds": ["box"], "attributes": [{"name": "line", "type": "text", "required": True}]},
            {"name": "person", "kinds": ["keypoints"], "skeleton": {"points": ["nose", "eye"], "edges": [[0, 1]]}},
            {"name": "PER", "kinds": ["span"]},
            {"name": "ORG", "kinds": ["span"]},
        ],
        "item": [{"name": "weather", "type": "choice", "options": ["clear", "rain"], "required": True}],
        "relations": [{"name": "works_for", "from": ["PER"], "to": ["ORG"]}],
    }
)
ONE, TWO, THREE = (str(uuid.UUID(int=n)) for n in (1, 2, 3))
SIZE: dict[str, Any] = {"width": 100, "height": 50}
TEXT = "Ada works at Sluice."


def a(kind: Any, label: Any = "car", id: str = ONE, **fields: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "label": label, **fields}


def box(*sides: float, label: Any = "car", id: str = ONE, **fields: Any) -> dict[str, Any]:
    return a("box", label, id, box=list(sides), **fields)


def document(*objects: Any) -> dict[str, Any]:
    return {"objects": list(objects), "item": {"weather": "rain"}}


def checked(*objects: Any, **over: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = check(document(*objects), SCHEMA, **(SIZE | over))["objects"]
    return found


def refused(given: Any, **over: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        check(given, SCHEMA, **(SIZE | over))
    return caught.value.fields


def span(start: Any, end: Any, label: str = "PER", id: str = ONE, **fields: Any) -> dict[str, Any]:
    return a("span", label, id, start=start, end=end, **fields)


RLE = {"size": [50, 100], "counts": encode([10, 20, 4970])}
GOOD = [
    box(0, 0, 100, 50),
    box(10, 10, 20, 20, rotation=45.0),
    a("polygon", points=[[0, 0], [10, 0], [10, 10]], holes=[[[5, 1], [8, 1], [8, 4]]]),
    a("polyline", points=[[0, 0], [10, 0]]),
    a("point", points=[[3, 4]]),
    a("mask", rle=RLE),
    a("keypoints", "person", points=[[1, 2, 2], [0, 0, 0]]),
]
INF, NAN = math.inf, math.nan
BAD = [
    (box(0, 0, 0, 10), "box", "zero_area"),
    (box(0, 0, 10, -1), "box", "zero_area"),
    (box(NAN, 0, 10, 10), "box", "not_finite"),
    (box(0, 0, INF, 10), "box", "not_finite"),
    (box(True, 0, 10, 10), "box", "not_a_number"),
    (box(0, 0, 10), "box", "bad_box"),
    (a("box"), "box", "bad_box"),
    (box(90, 0, 20, 10), "box", "outside"),
    (box(-1.5, 0, 20, 10), "box", "outside"),
    (box(100, 0, 0.5, 10), "box", "outside"),
    (box(200, 0, 20, 10, rotation=30), "box", "outside"),
    (box(0, 0, 10, 10, rotation="x"), "rotation", "not_a_number"),
    (box(0, 0, 10, 10, label="tram"), "label", "unknown_label"),
    (box(0, 0, 10, 10, label=3), "label", "unknown_label"),
    (box(0, 0, 10, 10, label=["car"]), "label", "unknown_label"),
    ({"id": ONE, "kind": "relation", "label": ["works_for"]}, "label", "unknown_label"),
    (box(10**400, 0, 10, 10), "box", "not_finite"),
    (box(0, 0, 10, 10, score=-(10**400)), "score", "not_finite"),
    (box(0, 0, 10, 10, attributes={"doors": 10**400}), "attributes.doors", "bad_attribute"),
    (box(0, 0, 10, 10, label="person"), "kind", "kind_not_allowed"),
    (a("circle"), "kind", "unknown_kind"),
    (a(["box"]), "kind", "unknown_kind"),
    (box(0, 0, 10, 10, colour="red"), "colour", "unknown_field"),
    (box(0, 0, 10, 10, id="1"), "id", "bad_id"),
    (box(0, 0, 10, 10, track="1"), "track", "bad_id"),
    (box(0, 0, 10, 10, source="robot"), "source", "bad_source"),
    (box(0, 0, 10, 10, score=NAN), "score", "not_finite"),
    (box(0, 0, 10, 10, attributes={"wheels": 4}), "attributes.wheels", "bad_attribute"),
    (box(0, 0, 10, 10, attributes={"parked": 1}), "attributes.parked", "bad_attribute"),
    (box(0, 0, 10, 10, attributes={"colours": ["green"]}), "attributes.colours", "bad_attribute"),
    (box(0, 0, 10, 10, attributes=[]), "attributes", "bad_attribute"),
    (a("polygon", points=[[0, 0], [1, 1]]), "points", "too_few_points"),
    (a("polygon", points=[[0, 0], [1, 1], [2, 2]]), "points", "zero_area"),
    (a("polygon", points=[[0, 0], [10, 0], [10, 10]], holes=[[[1, 1]]]), "holes", "too_few_points"),
    (a("polygon", points=[[0, 0], [10, 0], [10, 60]]), "points", "outside"),
    (a("polyline", points=[[0, 0]]), "points", "too_few_points"),
    (a("polyline", points=[[0, 0], [1]]), "points", "bad_point"),
    (a("point", points=[[0, 0], [1, 1]]), "points", "too_many_points"),
    (a("keypoints", "person", points=[[1, 2, 2]]), "points", "wrong_skeleton"),
    (a("keypoints", "person", points=[[1, 2, 3], [0, 0, 0]]), "points", "bad_point"),
    (a("keypoints", "person", points=[[1, 2, 0], [0, 0, 0]]), "points", "zero_area"),
    (a("keypoints", "person", points=[[101.5, 2, 1], [0, 0, 0]]), "points", "outside"),
    (a("mask", rle={"size": [100, 50], "counts": RLE["counts"]}), "rle", "wrong_size"),
    (a("mask", rle={"size": [50, 100], "counts": encode([10])}), "rle", "bad_mask"),
    (a("mask", rle={"size": [50, 100], "counts": encode([5000])}), "rle", "zero_area"),
    (a("mask", rle={"size": [50, 100], "counts": [10, 4990]}), "rle", "bad_mask"),
    (a("mask", rle="x"), "rle", "bad_mask"),
]
SPANS = [
    (span(5, 5), "end", "zero_area"),
    (span(-1, 3), "start", "bad_span"),
    (span(0.0, 3), "start", "bad_span"),
    (span(0, True), "start", "bad_span"),
    (span(0, 21), "end", "outside"),
    (span(0, 3, text=3), "text", "bad_span"),
]


@pytest.mark.parametrize("thing", GOOD, ids=lambda thing: thing["kind"])
def test_sound_objects_come_back_as_they_were(thing: dict[str, Any]) -> None:
    assert checked(thing) == [thing]


@pytest.mark.parametrize(("thing", "at", "code"), [*BAD, *SPANS])
def test_a_bad_object_refuses_a_submit_and_is_left_out_of_an_import(thing: dict[str, Any], at: str, code: str) -> None:
    good = a("point", id=TWO, points=[[1, 1]])
    assert list(refused(document(good, thing), text=TEXT)) == [f"objects.{thing['id']}.{at}"]
    kept, left = sift(document(good, thing), SCHEMA, text=TEXT, **SIZE)
    assert kept == document(good)
    assert [(refusal.object_id, refusal.index, refusal.code) for refusal in left] == [(thing["id"], 1, code)]
    assert check(document(thing), SCHEMA, partial=True, **SIZE) == document(thing)


def test_up_to_a_pixel_is_cut_at_the_edge() -> None:
    (made,) = checked(box(-1, 0, 20, 10))
    assert made["box"] == [0, 0, 19, 10]
    (made,) = checked(box(90, 45, 11, 6))
    assert made["box"] == [90, 45, 10, 5]
    (made,) = checked(a("point", points=[[101, -0.5]]))
    assert made["points"] == [[100, 0]]


def test_without_a_size_nothing_is_outside() -> None:
    far = box(5000, 5000, 10, 10)
    assert checked(far, width=None, height=None) == [far]


def test_a_turned_box_may_stick_out_at_its_corners() -> None:
    assert checked(box(-10, 0, 30, 10, rotation=45)) == [box(-10, 0, 30, 10, rotation=45)]
    assert checked(box(0, 0, 10, 10, rotation=360)) == [box(0, 0, 10, 10)]


def test_ids_are_one_of_a_kind_and_in_lower_case() -> None:
    upper = box(0, 0, 10, 10, id=ONE.upper())
    assert checked(upper)[0]["id"] == ONE
    assert "stands twice" in refused(document(box(0, 0, 10, 10), a("point", points=[[1, 1]])))[f"objects.{ONE}.id"]


def test_an_attribute_is_required_where_it_counts() -> None:
    assert checked(box(0, 0, 10, 10, attributes={"parked": False}))
    assert checked(box(0, 0, 10, 10, attributes={"parked": True, "doors": 0}))
    parked = box(0, 0, 10, 10, attributes={"parked": True})
    assert refused(document(parked)) == {f"objects.{ONE}.attributes.doors": "is required"}
    bus = box(0, 0, 10, 10, label="bus", attributes={"line": ""})
    assert refused(document(bus)) == {f"objects.{ONE}.attributes.line": "is required"}


def test_an_import_may_lack_what_is_required() -> None:
    parked = box(0, 0, 10, 10, attributes={"parked": True})
    kept, left = sift({"objects": [parked]}, SCHEMA, **SIZE)
    assert (kept, left) == ({"objects": [parked], "item": {}}, [])


def test_item_attributes() -> None:
    assert refused({"objects": []}) == {"item.weather": "is required"}
    assert set(refused({"item": {"weather": "fog", "wind": 3}})) == {"item.weather", "item.wind"}
    kept, left = sift({"item": {"weather": "fog"}}, SCHEMA, **SIZE)
    assert kept["item"] == {}
    assert [(refusal.index, refusal.code) for refusal in left] == [(-1, "bad_attribute")]


def test_null_is_no_value() -> None:
    (made,) = checked(box(0, 0, 10, 10, attributes={"parked": None}, track=None, score=None))
    assert made == box(0, 0, 10, 10)


def test_where_an_object_came_from_is_kept() -> None:
    (made,) = checked(box(0, 0, 10, 10, source={"kind": "prediction", "model": "m1", "score": 0.5}))
    assert made == box(0, 0, 10, 10, source="prediction", model="m1", score=0.5)


def test_offsets_of_spans_count_code_points() -> None:
    text = "🙂é"
    assert checked(span(1, 2), text=text) == [span(1, 2)]
    assert refused(document(span(1, 3)), text=text)


def test_a_quote_that_differs_is_kept() -> None:
    assert checked(span(0, 3, text="Eve"), text=TEXT) == [span(0, 3, text="Eve")]


def relation(start: str, end: str, label: str = "works_for") -> dict[str, Any]:
    return {"id": THREE, "kind": "relation", "label": label, "from": start, "to": end}


def test_a_relation_joins_what_it_may() -> None:
    ends = span(0, 3), span(13, 19, "ORG", TWO)
    link = relation(ONE, TWO)
    assert checked(link, *ends, text=TEXT) == [link, *ends]


@pytest.mark.parametrize(
    ("link", "at"),
    [
        (relation(TWO, ONE), "from"),
        (relation(ONE, ONE), "to"),
        (relation(ONE, str(uuid.UUID(int=9))), "to"),
        (relation(ONE, THREE), "to"),
        (relation(ONE, "x"), "to"),
        (relation(ONE, TWO, "owns"), "label"),
    ],
)
def test_a_relation_to_what_it_may_not_is_a_fault(link: dict[str, Any], at: str) -> None:
    ends = span(0, 3), span(13, 19, "ORG", TWO)
    assert list(refused(document(*ends, link), text=TEXT)) == [f"objects.{THREE}.{at}"]


def test_an_import_leaves_out_relations_of_what_it_leaves_out() -> None:
    kept, left = sift(document(span(0, 99), span(13, 19, "ORG", TWO), relation(ONE, TWO)), SCHEMA, text=TEXT, **SIZE)
    assert [thing["id"] for thing in kept["objects"]] == [TWO]
    assert [refusal.code for refusal in left] == ["outside", "unknown_object"]


@pytest.mark.parametrize("given", [None, [], 3, {"objects": {}}, {"object": []}, {"objects": [{}] * 20_001}])
@pytest.mark.parametrize("how", [check, sift])
def test_the_outer_form_is_refused_by_all(given: Any, how: Any) -> None:
    with pytest.raises(Invalid):
        how(given, SCHEMA, **SIZE)


@pytest.mark.parametrize("given", [{"objects": [3]}, {"item": []}])
def test_a_draft_is_made_of_objects(given: Any) -> None:
    refused(given, partial=True)


def test_every_fault_is_told_at_once() -> None:
    found = refused({"objects": [box(0, 0, 0, 0), a("point", id=TWO, points=[]), 3]})
    assert set(found) == {f"objects.{ONE}.box", f"objects.{TWO}.points", "objects[2]", "item.weather"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["box", "car", ONE, "x", ""]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "kind", "label", "box", "points", "x"]), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("id", "kind", "label", "box", "points", "holes", "rle", "start", "end", "text", "from", "to", "attributes", "track", "source", "score", "rotation")
KINDS = ("box", "polygon", "polyline", "keypoints", "point", "mask", "span", "relation")


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5)), max_size=4), json_values)
def test_whatever_comes_is_sifted_and_what_is_kept_is_sound(objects: list[tuple[str, dict[str, Any]]], item: Any) -> None:
    given: dict[str, Any] = {"objects": [{"id": str(uuid.UUID(int=n)), "kind": kind, "label": "car", **more} for n, (kind, more) in enumerate(objects)], "item": item}
    kept, left = sift(given, SCHEMA, text=TEXT, **SIZE)
    assert len(kept["objects"]) + sum(refusal.index >= 0 for refusal in left) == len(objects)
    assert sift(kept, SCHEMA, text=TEXT, **SIZE) == (kept, [])


sides = st.tuples(st.floats(-1, 99), st.floats(-1, 49), st.floats(0.01, 120), st.floats(0.01, 70)).map(list)


@given(sides)
def test_a_box_that_passes_lies_in_the_picture(given: list[float]) -> None:
    kept, left = sift(document(box(*given)), SCHEMA, **SIZE)
    if not left:
        x, y, w, h = kept["objects"][0]["box"]
        assert x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= 100 + 1e-9 and y + h <= 50 + 1e-9
    else:
        assert given[0] + given[2] > 101 or given[1] + given[3] > 51 or given[0] + given[2] <= 1e-9 or given[1] + given[3] <= 1e-9

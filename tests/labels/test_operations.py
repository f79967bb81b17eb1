"""Operations change a schema document and annotations follow it; faults name the operation and the place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from annotate.kernel.errors import Invalid
from annotate.labels.mapping import interest, mapped, unnamed
from annotate.labels.operations import applied, read
from annotate.labels.schema import parse

SCHEMA: dict[str, Any] = {
    "labels": [
        {
            "name": "car",
            "kinds": ["box"],
            "color": "#de5308",
            "hotkey": "1",
            "attributes": [
                {"name": "occluded", "type": "bool"},
                {"name": "make", "type": "choice", "options": ["a", "b"], "default": "a"},
                {"name": "trim", "type": "text", "when": {"make": ["a", "b"]}},
            ],
        },
        {"name": "van", "kinds": ["polygon"], "attributes": [{"name": "make", "type": "choice", "options": ["b", "c"], "required": True}]},
        {"name": "person", "kinds": ["box"], "attributes": [{"name": "make", "type": "text"}]},
    ],
    "item": [
        {"name": "weather", "type": "choice", "options": ["clear", {"name": "rain", "title": {"zh": "雨"}}], "multiple": True},
        {"name": "usable", "type": "bool"},
    ],
    "relations": [{"name": "near", "from": ["car"], "to": ["van", "person"]}],
}


def after(*operations: dict[str, Any]) -> dict[str, Any]:
    before = copy.deepcopy(SCHEMA)
    made = applied(SCHEMA, read(list(operations)))
    assert before == SCHEMA
    return made


def follow(document: dict[str, Any], *operations: dict[str, Any]) -> Any:
    return mapped(document, read(list(operations)), parse(after(*operations)))


def thing(label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": "1", "kind": "box", "label": label, "box": [0, 0, 1, 1], **more}


def test_a_renamed_label_is_renamed_in_relations_and_keeps_all_else() -> None:
    made = after({"op": "rename_label", "from": "car", "to": "auto"})
    assert made["labels"][0] == {**SCHEMA["labels"][0], "name": "auto"}
    assert made["relations"][0]["from"] == ["auto"]


def test_a_merged_label_takes_what_the_others_could_be() -> None:
    made = after({"op": "merge_label", "from": "van", "to": "car"})
    car = made["labels"][0]
    assert [one["name"] for one in made["labels"]] == ["car", "person"]
    assert car["kinds"] == ["box", "polygon"]
    assert car["attributes"][1]["options"] == ["a", "b", "c"]
    assert "required" not in car["attributes"][1]
    assert made["relations"][0]["to"] == ["car", "person"]


def test_a_renamed_option_is_renamed_where_it_is_a_default_or_a_condition() -> None:
    car = after({"op": "rename_option", "label": "car", "attribute": "make", "from": "a", "to": "z"})["labels"][0]
    assert car["attributes"][1] == {"name": "make", "type": "choice", "options": ["z", "b"], "default": "z"}
    assert car["attributes"][2]["when"] == {"make": ["z", "b"]}


def test_a_renamed_attribute_is_renamed_where_others_hang_on_it() -> None:
    car = after({"op": "rename_attribute", "label": "car", "from": "make", "to": "brand"})["labels"][0]
    assert [one["name"] for one in car["attributes"]] == ["occluded", "brand", "trim"]
    assert car["attributes"][2]["when"] == {"brand": ["a", "b"]}


def test_a_split_label_gives_way_to_labels_that_are_as_it_was() -> None:
    made = after({"op": "split_label", "from": "car", "into": ["taxi", {"name": "bus", "kinds": ["box", "polygon"]}]})
    assert [one["name"] for one in made["labels"]] == ["taxi", "bus", "van", "person"]
    assert made["labels"][0]["attributes"] == SCHEMA["labels"][0]["attributes"]
    assert made["relations"][0]["from"] == ["taxi", "bus"]


def test_operations_see_what_those_before_them_left() -> None:
    made = after(
        {"op": "rename_label", "from": "car", "to": "auto"},
        {"op": "add_attribute", "label": "auto", "entry": {"name": "age", "type": "number", "min": 0}},
        {"op": "add_option", "attribute": "weather", "entry": "fog"},
        {"op": "add_label", "entry": {"name": "tram", "kinds": ["box"]}},
    )
    assert made["labels"][0]["attributes"][-1]["name"] == "age"
    assert made["item"][0]["options"][-1] == "fog"
    assert made["labels"][-1]["name"] == "tram"


@pytest.mark.parametrize(
    ("operation", "place", "words"),
    [
        ({"op": "paint"}, "operations[0].op", "must be one of"),
        ({"op": "rename_label", "from": "car"}, "operations[0].to", "is missing"),
        ({"op": "rename_label", "from": "car", "to": "x", "colour": 1}, "operations[0].colour", "no such field"),
        ({"op": "rename_label", "from": "bus", "to": "x"}, "operations[0].from", "there is no label 'bus'"),
        ({"op": "rename_label", "from": "car", "to": "van"}, "operations[0].to", "merge the two instead"),
        ({"op": "rename_label", "from": "car", "to": " x"}, "operations[0]", "labels[0].name"),
        ({"op": "merge_label", "from": ["car", "car"], "to": "van"}, "operations[0].from", "twice"),
        ({"op": "merge_label", "from": ["van"], "to": "van"}, "operations[0].from", "the others become"),
        ({"op": "merge_label", "from": ["car"], "to": "person"}, "operations[0].from", "another type"),
        ({"op": "retire_label", "name": "car"}, "operations[0].name", "would have no from"),
        ({"op": "retire_label", "name": "van", "then": "burn"}, "operations[0].then", "keep, drop"),
        ({"op": "retire_attribute", "label": "car", "name": "make"}, "operations[0].name", "'trim' is asked for only by its value"),
        ({"op": "retire_option", "label": "car", "attribute": "make", "name": "a"}, "operations[0].name", "'trim' is asked for"),
        ({"op": "rename_option", "label": "car", "attribute": "trim", "from": "a", "to": "b"}, "operations[0].attribute", "is no choice"),
        ({"op": "split_label", "from": "car", "into": ["one"]}, "operations[0].into", "two labels or more"),
        ({"op": "split_label", "from": "car", "into": ["car", "x"]}, "operations[0].into", "the label that is split"),
        ({"op": "add_label", "entry": {"name": "tram", "kinds": ["cube"]}}, "operations[0]", "labels[3].kinds[0]"),
        ({"op": "add_option", "attribute": "usable", "entry": "x"}, "operations[0].attribute", "is no choice"),
        ("rename", "operations[0]", "must be an object"),
    ],
)
def test_a_fault_names_the_operation_and_the_place(operation: Any, place: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        after(operation)
    assert words in refused.value.fields[place]


def test_objects_follow_a_rename_and_a_merge_without_loss() -> None:
    document = {"objects": [thing(attributes={"make": "b"}), {**thing("person"), "id": "2"}], "item": {"weather": ["rain"]}}
    made = follow(document, {"op": "rename_label", "from": "car", "to": "auto"}, {"op": "rename_attribute", "label": "auto", "from": "make", "to": "brand"})
    assert made.document["objects"][0] == thing("auto", attributes={"brand": "b"})
    assert made.document["objects"][1]["label"] == "person"
    assert (made.lossless, made.kept, made.objects) == (True, "", {0: 1, 1: 1})


def test_merged_options_stand_once_in_a_list() -> None:
    made = follow({"objects": [], "item": {"weather": ["clear", "rain"]}}, {"op": "merge_option", "attribute": "weather", "from": "rain", "to": "clear"})
    assert made.document["item"] == {"weather": ["clear"]}
    assert made.lossless


def test_a_dropped_label_takes_its_objects_and_their_relations() -> None:
    document = {
        "objects": [thing(), {**thing("person"), "id": "2"}, {"id": "3", "kind": "relation", "label": "near", "from": "1", "to": "2"}],
        "item": {},
    }
    made = follow(document, {"op": "retire_label", "name": "person", "then": "drop"})
    assert made.document["objects"] == [thing()]
    assert not made.lossless


def test_a_kept_label_keeps_the_whole_annotation() -> None:
    made = follow({"objects": [thing("van", kind="polygon")], "item": {}}, {"op": "retire_label", "name": "van"})
    assert made.kept == "retire"


def test_a_dropped_option_leaves_no_empty_answer() -> None:
    made = follow({"objects": [], "item": {"weather": ["rain"], "usable": True}}, {"op": "retire_option", "attribute": "weather", "name": "rain", "then": "drop"})
    assert made.document["item"] == {"usable": True}


def test_two_answers_to_merged_attributes_are_a_loss_when_they_differ() -> None:
    schema = {"labels": [{"name": "car", "kinds": ["box"], "attributes": [{"name": "a", "type": "bool"}, {"name": "b", "type": "bool"}]}]}
    operations = read([{"op": "merge_attribute", "label": "car", "from": "b", "to": "a"}])
    assert applied(schema, operations)["labels"][0]["attributes"] == [{"name": "a", "type": "bool"}]
    alike = mapped({"objects": [thing(attributes={"a": True, "b": True})]}, operations)
    differ = mapped({"objects": [thing(attributes={"a": True, "b": False})]}, operations)
    only = mapped({"objects": [thing(attributes={"b": False})]}, operations)
    assert (alike.lossless, differ.lossless, only.lossless) == (True, False, True)
    assert [one.document["objects"][0]["attributes"] for one in (alike, differ, only)] == [{"a": True}, {"a": True}, {"a": False}]


def test_a_name_that_the_new_schema_does_not_have_keeps_the_annotation() -> None:
    made = follow({"objects": [thing(), {**thing("ghost"), "id": "2"}], "item": {}}, {"op": "rename_label", "from": "car", "to": "auto"})
    assert made.kept == "ghost"


def test_half_a_draft_is_not_strange() -> None:
    assert unnamed({"objects": [{"id": "1", "kind": "box"}, thing()], "item": {}}, parse(SCHEMA)) == []


def test_what_search_asks_for_knows_the_names_from_before() -> None:
    found = interest(
        read(
            [
                {"op": "rename_label", "from": "car", "to": "auto"},
                {"op": "rename_option", "label": "auto", "attribute": "make", "from": "a", "to": "z"},
                {"op": "retire_attribute", "name": "usable"},
            ]
        )
    )
    assert found.labels == ("car",)
    assert found.objects == ('$[*] ? (@.l == "auto" && @.a."make" == "a")', '$[*] ? (@.l == "car" && @.a."make" == "a")')
    assert found.item == ('$."usable"',)

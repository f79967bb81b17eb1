"""Which documents are schemas, and how every fault of one that is not is named."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest

from annotate.kernel.errors import Invalid
from annotate.labels.schema import KINDS, Attribute, fault_of, parse, propose

FULL: dict[str, Any] = {
    "labels": [
        {
            "name": "car",
            "kinds": ["box", "mask"],
            "color": "#2b8a3e",
            "hotkey": "1",
            "title": {"de": "Auto"},
            "description": "with wheels",
            "group": "vehicles",
            "attributes": [
                {"name": "parked", "type": "bool", "default": False},
                {"name": "make", "type": "choice", "options": ["a", {"name": "b", "title": {"de": "B"}}], "required": True},
                {"name": "doors", "type": "number", "min": 0, "max": 8, "when": {"parked": True, "make": ["a", "b"]}},
            ],
        },
        {"name": "person", "kinds": ["keypoints"], "skeleton": {"points": ["nose", "eye"], "edges": [[0, 1]]}},
    ],
    "item": [{"name": "weather", "type": "choice", "options": ["clear", "rain"], "required": True, "multiple": True}],
    "relations": [{"name": "drives", "from": ["person"], "to": ["car"]}],
}


def faults(document: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        parse(document)
    assert caught.value.code == "schema"
    return caught.value.fields


def with_(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The full schema with one thing replaced, or removed when the value is ...."""
    made = copy.deepcopy(FULL)
    here: Any = made
    for step in path[:-1]:
        here = here[step]
    if value is ...:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return made


def test_a_schema_is_read_as_values() -> None:
    schema = parse(FULL)
    car = schema.labels["car"]
    assert (car.kinds, car.color, car.hotkey, car.index) == (("box", "mask"), "#2b8a3e", "1", 0)
    assert car.attributes["make"].options == ("a", "b")
    assert (car.attributes["doors"].min, car.attributes["doors"].max) == (0, 8)
    assert schema.labels["person"].points == ("nose", "eye")
    assert schema.labels["person"].edges == ((0, 1),)
    assert schema.item["weather"].multiple
    assert schema.has_required_items
    assert (schema.relations["drives"].origins, schema.relations["drives"].targets) == (("person",), ("car",))


@pytest.mark.parametrize("of", ["schema", "label", "attribute", "relation"])
def test_a_schema_that_was_read_does_not_change(of: str) -> None:
    schema = parse(FULL)
    values = {"schema": schema, "label": schema.labels["car"], "attribute": schema.item["weather"], "relation": schema.relations["drives"]}
    with pytest.raises(dataclasses.FrozenInstanceError):
        values[of].name = "other"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("label",), [], "label"),
        (("labels",), {}, "labels"),
        (("labels", 0), 3, "labels[0]"),
        (("labels", 0, "name"), " car", "labels[0].name"),
        (("labels", 0, "name"), "", "labels[0].name"),
        (("labels", 0, "name"), "a\nb", "labels[0].name"),
        (("labels", 1, "name"), "car", "labels[1].name"),
        (("labels", 0, "colour"), "#fff", "labels[0].colour"),
        (("labels", 0, "color"), "red", "labels[0].color"),
        (("labels", 0, "hotkey"), "F1", "labels[0].hotkey"),
        (("labels", 0, "hotkey"), [], "labels[0].hotkey"),
        (("labels", 1, "hotkey"), "1", "labels[1].hotkey"),
        (("labels", 0, "kinds"), [], "labels[0].kinds"),
        (("labels", 0, "kinds"), ["circle"], "labels[0].kinds[0]"),
        (("labels", 0, "kinds"), ..., "labels[0].kinds"),
        (("labels", 0, "title"), "Auto", "labels[0].title"),
        (("labels", 0, "group"), 7, "labels[0].group"),
        (("labels", 0, "attributes", 0, "type"), "boolean", "labels[0].attributes[0].type"),
        (("labels", 0, "attributes", 0, "options"), ["a"], "labels[0].attributes[0].options"),
        (("labels", 0, "attributes", 0, "default"), "yes", "labels[0].attributes[0].default"),
        (("labels", 0, "attributes", 0, "required"), "yes", "labels[0].attributes[0].required"),
        (("labels", 0, "attributes", 1, "name"), "parked", "labels[0].attributes[1].name"),
        (("labels", 0, "attributes", 1, "options"), [], "labels[0].attributes[1].options"),
        (("labels", 0, "attributes", 1, "options"), ["a", "a"], "labels[0].attributes[1].options[1]"),
        (("labels", 0, "attributes", 2, "max"), -1, "labels[0].attributes[2].max"),
        (("labels", 0, "attributes", 2, "min"), "0", "labels[0].attributes[2].min"),
        (("labels", 0, "attributes", 2, "min"), -(10**400), "labels[0].attributes[2].min"),
        (("labels", 0, "attributes", 2, "max"), float("nan"), "labels[0].attributes[2].max"),
        (("labels", 0, "attributes", 2, "when"), {"later": 1}, "labels[0].attributes[2].when.later"),
        (("labels", 0, "attributes", 2, "when"), {"make": "c"}, "labels[0].attributes[2].when.make"),
        (("labels", 0, "attributes", 2, "when"), [], "labels[0].attributes[2].when"),
        (("labels", 1, "skeleton", "edges"), [[0, 2]], "labels[1].skeleton.edges[0]"),
        (("labels", 1, "skeleton", "points"), ["a", "a"], "labels[1].skeleton.points[1]"),
        (("item", 0, "min"), 3, "item[0].min"),
        (("relations", 0, "from"), ["dog"], "relations[0].from[0]"),
        (("relations", 0, "from"), [[]], "relations[0].from[0]"),
        (("relations", 0, "kind"), "x", "relations[0].kind"),
    ],
)
def test_a_fault_is_named_by_its_path(path: tuple[Any, ...], value: Any, field: str) -> None:
    assert field in faults(with_(path, value))


@pytest.mark.parametrize("document", [None, [], "x", 3])
def test_a_schema_is_an_object(document: Any) -> None:
    assert "" in faults(document)


def test_a_schema_says_something() -> None:
    assert "labels" in faults({})
    assert parse({"item": [{"name": "ok", "type": "bool"}]}).labels == {}


def test_all_faults_are_told_at_once() -> None:
    document = with_(("labels", 0, "color"), "red")
    document["item"][0]["type"] = "enum"
    assert set(faults(document)) == {"labels[0].color", "item[0].type"}


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        (Attribute("a", "bool"), [True, False], [1, 0, "true"]),
        (Attribute("a", "text"), ["", "x"], [3, "x" * 10_001, ["x"]]),
        (Attribute("a", "number", min=0, max=2), [0, 2, 1.5], [-0.1, 2.1, True, "1", float("nan"), float("inf")]),
        (Attribute("a", "number"), [1e18], [10**400, float("-inf")]),
        (Attribute("a", "choice", ("x", "y")), ["x"], ["z", ["x"], 1]),
        (Attribute("a", "choice", ("x", "y"), multiple=True), [[], ["y", "x"]], ["x", ["z"], ["x", "x"], [["x"]]]),
    ],
)
def test_values_of_attributes(attribute: Attribute, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if fault_of(attribute, value)] == []
    assert [value for value in bad if not fault_of(attribute, value)] == []


def test_a_proposed_schema_is_one() -> None:
    schema = parse(propose([(f"label {n}", (KINDS[n % 7],)) for n in range(20)]))
    assert schema.labels["label 8"].hotkey == "9"
    assert schema.labels["label 9"].hotkey == ""
    assert len({label.color for label in list(schema.labels.values())[:12]}) == 12

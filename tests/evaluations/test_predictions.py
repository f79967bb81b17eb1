"""Predictions measured on what a version froze: what is taken, what is counted, what is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.evaluations.conftest import lines, object_id

Cut = Callable[..., Any]
Measure = Callable[..., dict[str, Any]]


def box(key: str, x: float, y: float, w: float = 40, h: float = 30, label: str = "car", **more: Any) -> dict[str, Any]:
    return {"id": object_id(key, x, y, label), "kind": "box", "label": label, "box": [x, y, w, h], **more}


def said(thing: dict[str, Any], score: float = 0.9, **over: Any) -> dict[str, Any]:
    return {name: value for name, value in (thing | over).items() if name != "id"} | {"score": score}


@pytest.fixture
def streets() -> dict[str, Any]:
    """24 pictures of two cars and a person, in rain and in clear weather."""
    made = {}
    for place in range(24):
        key = f"street/{place:02d}.jpg"
        made[key] = {"objects": [box(key, 10, 10), box(key, 300, 200), box(key, 100, 300, 30, 80, "person")], "item": {"weather": "rain" if place % 2 else "clear"}}
    return made


def test_perfect_predictions_have_perfect_figures_and_no_suspect(cut: Cut, measure: Measure, streets: dict[str, Any]) -> None:
    version = cut(streets)
    chances = {"rain": {"rain": 0.9, "clear": 0.1}, "clear": {"clear": 0.8, "rain": 0.2}}
    given = [{"key": key, "objects": [said(one) for one in row["objects"]], "item": {"weather": chances[row["item"]["weather"]]}} for key, row in streets.items()]
    found = measure(version, given, metrics={"mAP": 0.5}, by=["item.weather", "batch"])
    report, numbers = found["report"], found["metrics"]
    assert report["items"] == {"version": 24, "covered": 24, "measured": 24} and report["lines"]["unknown_keys"] == 0
    assert numbers["box"]["AP"] == 1.0 and numbers["objects"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0} and numbers["given"] == {"mAP": 0.5}
    assert numbers["item"]["weather"]["accuracy"] == 1.0 and round(numbers["item"]["weather"]["log_loss"], 4) == 0.1643
    assert numbers["labels"]["person"]["AP50"] == 1.0 and [row["label"] for row in report["labels"]] == ["car", "person"]
    assert report["labels"][0]["recall"]["of"] == 48 and report["labels"][0]["recall"]["low"] > 0.92
    assert report["confusion"]["cells"] == [{"meant": "car", "given": "car", "count": 48}, {"meant": "person", "given": "person", "count": 24}]
    assert not any(report["errors"].values()) and not any(one["kept"] for one in report["suspects"].values())
    by = {one["field"]: one for one in report["by"]}
    assert {row["value"]: row["items"] for row in by["item.weather"]["values"]} == {"rain": 12, "clear": 12} and by["batch"]["values"][0]["box"]["AP"] == 1.0
    assert found["measured"] and found["model"] == "detector"

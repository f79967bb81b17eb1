"""Probabilities of a model come in with their items, and wrong ones are told by line and field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from annotate.annotations.models import Prediction
from annotate.items.models import Item
from annotate.kernel.errors import Invalid
from annotate.labels.schema import parse
from tests.collection.conftest import Outcome
from workflows.collection.ingest import probabilities

SCHEMA = parse(
    {
        "labels": [{"name": "car", "kinds": ["box"]}],
        "item": [
            {"name": "weather", "type": "choice", "options": ["clear", "rain"]},
            {"name": "seen", "type": "choice", "options": ["clear", "rain"], "multiple": True},
            {"name": "note", "type": "text"},
        ],
    }
)
BOX = {"kind": "box", "label": "car", "box": [1, 2, 30, 40]}


def line(key: str, chances: dict[str, float], attribute: str = "weather", **more: Any) -> bytes:
    prediction = {"model": "m1", "probabilities": {attribute: chances}, **more}
    return json.dumps({"key": key, "uri": f"s3://b/{key}", "width": 100, "height": 80, "prediction": prediction}).encode()


def test_probabilities_are_kept_in_the_predictions_document(batch: Any, bring: Callable[..., Outcome]) -> None:
    body = b"\n".join(
        (
            line("a.jpg", {"rain": 0.75, "clear": 0.25}, objects=[BOX], score=0.5),
            line("b.jpg", {"rain": 1}),
            line("c.jpg", {"rain": 0.5, "fog": 0.5}, objects=[BOX | {"label": "boat"}]),
        )
    )
    found = bring(f"/batches/{batch.pk}/manifest", body=body)
    assert found.counts == (3, 0, 0) and found.codes == ["unknown_label"]
    kept = {one.item.key: json.loads(one.document) for one in Prediction.objects.select_related("item")}
    assert {key: document["probabilities"]["weather"] for key, document in kept.items()} == {
        "a.jpg": {"rain": 0.75, "clear": 0.25},
        "b.jpg": {"rain": 1},
        "c.jpg": {"rain": 0.5, "fog": 0.5},
    }
    assert [len(kept[key]["objects"]) for key in ("a.jpg", "b.jpg", "c.jpg")] == [1, 0, 0]
    assert bring(f"/batches/{batch.pk}/manifest", body=body).counts == (0, 0, 3)


def test_wrong_ones_are_told_by_line_and_field_and_bring_nothing(batch: Any, bring: Callable[..., Outcome]) -> None:
    body = b"\n".join(
        (
            line("a.jpg", {"rain": 0.5, "clear": 0.4}),
            line("b.jpg", {"hail": 1}),
            line("c.jpg", {"rain": 1}, attribute="city"),
            line("d.jpg", {"rain": 1}),
            b'{"key": "e.jpg", "uri": "s3://b/e.jpg", "prediction": {"probabilities": {"weather": {"rain": NaN}}}}',
        )
    )
    found = bring(f"/batches/{batch.pk}/manifest", body=body)
    assert found.counts == (1, 4, 0)
    assert {one["place"]: one["detail"] for one in found.lines} == {
        "line 1": "prediction.probabilities.weather: the probabilities sum to 0.9, not to 1",
        "line 2": "prediction.probabilities.weather.hail: is no option of it; there are clear, rain, fog, night",
        "line 3": "prediction.probabilities.city: the schema has no such attribute of the item; there are weather",
        "line 5": "prediction.probabilities.weather.rain: must be a number from 0 to 1",
    }
    assert list(Item.objects.values_list("key", flat=True)) == ["d.jpg"]


@pytest.mark.parametrize("attribute", ["seen", "note"])
def test_only_a_choice_of_one_option_has_probabilities(attribute: str) -> None:
    with pytest.raises(Invalid, match=f"{attribute}: the attribute is not a choice of one option"):
        probabilities.check({attribute: {"rain": 1}}, SCHEMA)


def test_the_workbench_is_given_the_prediction_without_them(batch: Any, bring: Callable[..., Outcome]) -> None:
    """A bundle's prediction is what may be drawn and said; its form is promised to clients."""
    from annotate.workbench.bundle import _flat

    bring(f"/batches/{batch.pk}/manifest", body=line("a.jpg", {"rain": 1}, objects=[BOX], item={"weather": "rain"}))
    assert _flat(Prediction.objects.get().document).keys() == {"objects", "item"}

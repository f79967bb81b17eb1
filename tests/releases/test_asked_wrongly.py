"""What a version cannot be made of is refused by the field that is wrong, cut or drafted, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.jobs.models import Job
from workflows.releases.models import SplitPlace, Version

pytestmark = pytest.mark.django_db
HALVES = {"a": 0.5, "b": 0.5}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"splits": HALVES, "stratify": "car"}, "stratify"),
    ({"splits": HALVES, "stratify": "meta.nothing"}, "stratify"),
    ({"splits": HALVES, "stratify": "meta."}, "stratify"),
    ({"splits": HALVES, "stratify": ["label"]}, "stratify"),
    ({"splits": {"a": 1.0}, "stratify": "label"}, "stratify"),
    ({"splits": {"field": "meta.weather"}, "stratify": "label"}, "stratify"),
    ({"splits": {"field": "meta.nothing"}}, "splits.field"),
    ({"splits": {"field": "weather"}}, "splits.field"),
    ({"splits": {"field": "meta.weather", "values": ["rain"]}}, "splits.values"),
    ({"splits": {"field": "meta.weather", "values": {"rain": "no such/split"}}}, "splits.values.rain"),
    ({"splits": {"field": "meta.weather", "values": {"train": ["rain", "fog"]}}}, "splits.values.train"),
    ({"splits": {"field": "meta.weather", "default": ["train"]}}, "splits.default"),
    ({"splits": {"field": "meta.weather", "value": {}}}, "splits.value"),
    ({"splits": {"field": "meta.weather", "values": {str(n): f"s{n}" for n in range(11)}}}, "splits.values"),
    ({"splits": {"values": {"rain": "train"}}}, "splits.field"),
    ({"splits": HALVES, "together": ["near"]}, "together"),
    ({"splits": HALVES, "together": "near_duplicate"}, "together"),
    ({"splits": HALVES, "together": [["same_bytes"]]}, "together.0"),
    ({"splits": {}, "together": ["same_bytes"]}, "together"),
    ({"splits": {"field": "meta.weather"}, "together": ["same_bytes"]}, "together"),
    ({"labels": {"car": "lorry"}}, "labels.car"),
    ({"labels": {"cra": None}}, "labels.cra"),
    ({"labels": {"car": ["person"]}}, "labels.car"),
    ({"labels": {"car": ""}}, "labels.car"),
    ({"labels": ["car"]}, "labels"),
    ({"order": ["lorry"]}, "order"),
    ({"order": ["car", "car"]}, "order"),
    ({"salt": "x" * 201}, "salt"),
    ({"by": "batch"}, "by"),
]


@pytest.mark.parametrize("draft", ["", "?draft=1"])
def test_it_names_the_field(world: Any, dataset: Any, approve: Any, draft: str) -> None:
    approve(["a.jpg"], meta={"weather": "rain"})
    manager, wrong = world.api(world.manager), {}
    for body, field in WRONG:
        answer = manager.post(f"/datasets/{dataset.pk}/versions{draft}", body)
        if answer.status_code != 400 or field not in answer.json().get("fields", {}):
            wrong[str(body)[:90]] = (answer.status_code, answer.json().get("fields"))
    assert wrong == {}
    assert not (Version.objects.exists() or SplitPlace.objects.exists() or Job.objects.filter(kind="version.cut").exists())


def test_splits_with_lists_of_values_are_told_how_to_be_turned_round(world: Any, dataset: Any, approve: Any) -> None:
    approve(["a.jpg"], meta={"weather": "rain"})
    body = {"splits": {"field": "meta.weather", "values": {"train": ["rain", "fog", "snow"], "test": []}}}
    answer = world.api(world.manager).post(f"/datasets/{dataset.pk}/versions", body).json()
    assert answer["fields"]["splits.values.train"].endswith('not a list: each value of the field is followed by its split, as in {"rain": "train", "fog": "train"}')
    assert answer["fields"]["splits.values.test"].endswith('as in {"rain": "test"}') and answer["detail"].startswith("splits.values.train: ")
    listed = world.api(world.manager).post(f"/datasets/{dataset.pk}/versions", {"splits": {"field": "meta.weather", "values": ["rain"]}}).json()
    assert listed["fields"] == {"splits.values": 'an object of values and their splits, such as {"rain": "train"}'}


@pytest.mark.parametrize("body", [{}, {"q": 'key = "none"'}, {"splits": HALVES, "stratify": "label", "together": ["near_duplicate", "same_bytes"]}])
def test_a_draft_with_nothing_in_it_says_so(world: Any, dataset: Any, approve: Any, body: dict[str, Any]) -> None:
    approve(["a.jpg"], approved=False)
    answer = world.api(world.manager).post(f"/datasets/{dataset.pk}/versions?draft=1&excluded=not_approved", body)
    told = answer.json()
    assert answer.status_code == 200 and (told["items"], told["objects"], told["labels"], told["splits"], told["split_labels"]) == (0, 0, {}, {}, {})
    assert len(told["results"]) == told["excluded"].get("not_approved", 0) == (0 if body.get("q") else 1)


def test_a_cut_with_nothing_in_it_fails_with_the_reason(world: Any, dataset: Any, approve: Any, cut: Any) -> None:
    approve(["a.jpg"], approved=False)
    version = cut()
    assert version.state == "failed" and "no approved item" in version.job.error

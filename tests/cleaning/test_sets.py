"""Rules on sets, from a manifest to the findings of a run: metadata, splits, times, and what a model speaks against."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflows.cleaning import reading
from workflows.cleaning.models import Finding, Rule
from workflows.cleaning.wording import sentence

pytestmark = pytest.mark.django_db
PROBABILITIES = [(0.9, 0.1), (0.8, 0.2), (0.1, 0.9), (0.2, 0.8), (0.3, 0.7), (0.1, 0.9)]


@pytest.fixture
def brought(world: Any, run_jobs: Any) -> Any:
    """A batch of a manifest's lines."""

    def bring(lines: list[dict[str, Any]]) -> Any:
        from annotate.items.models import Batch

        api = world.api(world.manager)
        made = api.post(f"/projects/{world.project.pk}/batches", {"name": "set"}).json()
        body = "\n".join(map(json.dumps, lines)).encode()
        answer = api.client.post(f"/api/v1/batches/{made['id']}/manifest", data=body, content_type="application/x-ndjson")
        assert answer.status_code == 202, answer.content
        run_jobs()
        return Batch.objects.select_related("project").get(pk=made["id"])

    return bring


def caught(run: Any, kind: str) -> list[str]:
    return sorted(Finding.objects.filter(run=run, rule=Rule.objects.get(kind=kind).pk).values_list("item__key", flat=True))


def test_what_came_with_items_is_judged(brought: Any, rule: Any, checked: Any) -> None:
    def line(key: str, **more: Any) -> dict[str, Any]:
        return {"key": key, "uri": f"s3://b/{key}", "width": 10, "height": 10, **more}

    batch = brought(
        [
            line("a", group="drive", meta={"split": "train", "speed": 30, "serial": "x", "city": "Rome"}, captured="2026-01-05"),
            line("b", group="drive", meta={"split": "test", "speed": 300, "serial": "x", "city": "Roma"}, captured="2026-02-05"),
            line("c", meta={"split": "test", "speed": "fast", "city": ""}),
        ]
    )
    rule("group_leakage")
    rule("out_of_range", field="speed", least=0, most=200)
    rule("not_unique", field="serial")
    rule("not_in_list", field="city", names=["Rome"])
    rule("missing_meta", field="city")
    rule("late", since="2026-01-01", until="2026-01-31")
    rule("condition", q="meta.speed > 100")
    run = checked(batch)
    kinds = ("group_leakage", "out_of_range", "not_unique", "not_in_list", "missing_meta", "late", "condition")
    assert {kind: caught(run, kind) for kind in kinds} == {
        "group_leakage": ["a", "b"],
        "out_of_range": ["b", "c"],
        "not_unique": ["b"],
        "not_in_list": ["b"],
        "missing_meta": ["c"],
        "late": ["b"],
        "condition": ["b"],
    }


def test_metadata_of_very_many_values_is_judged_like_that_of_few(brought: Any, rule: Any, checked: Any) -> None:
    serials = [f"s{n}" for n in range(2 * reading.MOST)] + [None, "s7", "s99"]
    batch = brought([{"key": f"{n:03}", "uri": f"s3://b/{n}", "width": 10, "height": 10, "meta": {"serial": serial} if serial else {}} for n, serial in enumerate(serials)])
    rule("not_unique", field="serial")
    rule("missing_meta", field="serial")
    run = checked(batch)
    assert caught(run, "not_unique") == [f"{2 * reading.MOST + 1:03}", f"{2 * reading.MOST + 2:03}"]
    assert caught(run, "missing_meta") == [f"{2 * reading.MOST:03}"]


def test_answers_that_a_model_speaks_against_are_found(brought: Any, rule: Any, checked: Any) -> None:
    batch = brought(
        [
            {
                "key": f"{place}",
                "uri": f"s3://b/{place}",
                "annotation": {"objects": [], "item": {"weather": "clear" if place < 3 else "rain"}},
                "prediction": {"model": "m1", "probabilities": {"weather": {"clear": clear, "rain": rain}}},
            }
            for place, (clear, rain) in enumerate(PROBABILITIES)
        ]
    )
    wrong = rule("wrong_label", attribute="weather")
    run = checked(batch)
    [found] = Finding.objects.filter(run=run, rule=wrong.pk)
    assert found.item.key == "2" and found.score == pytest.approx(0.1)
    assert sentence("wrong_label", found.score, wrong.parameters, found.detail) == "“clear”; the model says “rain” (quality 0.10)"


def test_rules_that_find_nothing_to_look_at_catch_nothing(brought: Any, rule: Any, checked: Any) -> None:
    batch = brought([{"key": "a", "uri": "s3://b/a"}, {"key": "b", "uri": "s3://b/b"}])
    for kind in ("class_imbalance", "quota_not_met", "lead_time", "straight_lining", "conflicting_labels", "duplicate_leakage"):
        rule(kind)
    rule("wrong_label", attribute="weather")
    run = checked(batch)
    assert run.state == "checked" and not Finding.objects.filter(run=run).exists()

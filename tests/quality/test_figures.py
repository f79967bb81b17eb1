"""Agreement and quality as people and programs ask for them: figures with intervals and counts, or why there is none."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.quality.test_consensus_of_project import give, said
from tests.queues.conftest import queue_of
from workflows.quality import agreeing

__all__ = ["queue_of"]
WEATHER = ("rain", "fog", "night")


@pytest.fixture
def twelve(world: Any, make_items: Any, queue_of: Any) -> Any:
    """Twelve items, two answers each: the weather differs in three of them, the car in none, and one saw a sign in two."""
    items = make_items(12)
    queue = queue_of(overlap=2)
    one = [said("car", weather=WEATHER[at % 3]) for at in range(12)]
    other = [said("car", *([("sign", (40, 20, 10, 10))] if at < 2 else []), weather=WEATHER[(at + (at < 3)) % 3]) for at in range(12)]
    give(world, queue, world.annotator, *one)
    give(world, queue, world.annotator2, *other)
    return items


def agreement(world: Any, person: Any = None, **asked: Any) -> Any:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return world.api(person or world.viewer).get(f"/projects/{world.project.pk}/agreement?{query}")


def rows(world: Any, **asked: Any) -> list[dict[str, Any]]:
    answered = agreement(world, **asked)
    assert answered.status_code == 200, answered.content
    results: list[dict[str, Any]] = answered.json()["results"]
    return results


def test_agreement_by_attribute_has_interval_and_counts(world: Any, twelve: Any) -> None:
    [weather] = [row for row in rows(world, measure="percent", by="attribute") if row["attribute"] == "weather"]
    assert (weather["value"], weather["items"], weather["answers"]) == (0.75, 12, 24) and 0 < weather["low"] < 0.75 < weather["high"] <= 1


@pytest.mark.parametrize("measure", agreeing.MEASURES)
def test_every_measure_measures_two_people(world: Any, twelve: Any, measure: str) -> None:
    [weather] = [row for row in rows(world, measure=measure, by="attribute") if row["attribute"] == "weather"]
    assert 0.5 < weather["value"] < 0.8


def test_what_nobody_or_too_few_compared_is_null_with_the_reason(world: Any, twelve: Any) -> None:
    found = {row["label"]: row for row in rows(world, measure="percent", by="label")}
    assert found["car"]["value"] == 1.0 and found["car"]["low"] < 1
    assert (found["sign"]["value"], found["sign"]["why"], found["sign"]["items"]) == (None, "not_enough", 2)
    assert (found["person"]["value"], found["person"]["why"], found["person"]["answers"]) == (None, "no_pairs", 0)


def test_agreement_by_pair_and_by_batch(world: Any, twelve: Any) -> None:
    [pair] = rows(world, measure="kappa", by="person")
    assert [one["name"] for one in pair["people"]] == ["annotator", "annotator2"] and pair["value"] is not None
    [batch] = rows(world, measure="ac1", by="batch", batch=twelve[0].batch_id)
    assert batch["name"] == "march" and batch["items"] == 12


def test_without_overlap_there_are_no_figures_at_all(world: Any) -> None:
    assert rows(world, by="batch") == [] and all(row["value"] is None for row in rows(world, by="label"))


@pytest.mark.parametrize("asked", [{"measure": "guess"}, {"by": "moon"}, {"batch": "x"}, {"batch": 999999}])
def test_what_cannot_be_asked_is_named(world: Any, asked: dict[str, Any]) -> None:
    answered = agreement(world, **asked)
    assert answered.status_code == 400 and set(answered.json()["fields"]) == set(asked)


def test_a_large_project_is_measured_by_a_job_and_says_when(world: Any, twelve: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreeing, "AT_ONCE", 11)
    assert agreement(world, measure="percent", by="attribute").status_code == 202
    run_jobs()
    answered = agreement(world, measure="percent", by="attribute")
    assert answered.status_code == 200 and answered.json()["measured_at"] and answered.json()["results"][0]["value"] == 0.75


def look_everywhere() -> None:
    """Measure every answer, as the clock does in one of so many looks."""
    from annotate.queues import agreeing as clock

    clock._runs = 0
    clock.measure_some()


def quality(world: Any, person: Any, query: str = "") -> Any:
    return world.api(person).get(f"/projects/{world.project.pk}/quality{query}")


def test_quality_of_people_counts_what_they_did_and_how_they_agree(world: Any, twelve: Any) -> None:
    look_everywhere()
    found = quality(world, world.reviewer).json()["results"]
    assert [(row["name"], row["answers"]) for row in found] == [("annotator", 12), ("annotator2", 12)]
    assert all(row["agreement"]["of"] == 12 and 0.5 < row["agreement"]["low"] <= row["agreement"]["value"] < 1 for row in found)
    assert all((row["gold"]["value"], row["gold"]["why"], row["returned"]["of"]) == (None, "not_enough", 0) for row in found)


def test_returned_answers_are_a_share_with_wilsons_interval(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.reviews.services import review

    make_items(10)
    give(world, queue_of(), world.annotator, *[said("car")] * 10)
    judged = queue_of("review")
    for at in range(10):
        lease = next_task(judged, world.actor(world.reviewer))
        review(lease.pk, world.actor(world.reviewer), "return" if at < 1 else "accept", reason="missing" if at < 1 else "")
    [row] = quality(world, world.manager).json()["results"]
    assert row["returned"] | {"low": round(row["returned"]["low"], 4), "high": round(row["returned"]["high"], 4)} == {
        "value": 0.1, "low": 0.0179, "high": 0.4042, "of": 10, "why": ""
    }  # fmt: skip
    [label] = quality(world, world.manager, "?by=label").json()["results"]
    assert (label["label"], label["answers"], label["returned"]["value"]) == ("car", 10, 0.1)
    [batch] = quality(world, world.manager, "?by=batch").json()["results"]
    assert (batch["name"], batch["returned"]["of"]) == ("march", 10)


def test_a_person_sees_their_own_row_and_nothing_of_others(world: Any, twelve: Any) -> None:
    found = quality(world, world.annotator).json()["results"]
    assert [row["name"] for row in found] == ["annotator"]
    assert quality(world, world.annotator, "?by=label").status_code == 403 == agreement(world, world.annotator).status_code
    assert quality(world, world.outsider).status_code == 404


@pytest.mark.parametrize(("query", "headers"), [("?format=csv", {}), ("", {"Accept": "text/csv"})])
def test_quality_comes_as_csv(world: Any, twelve: Any, query: str, headers: dict[str, str]) -> None:
    answered = world.api(world.manager).get(f"/projects/{world.project.pk}/quality{query}", headers=headers)
    assert answered["Content-Type"].startswith("text/csv")
    read = list(csv.DictReader(io.StringIO(answered.content.decode())))
    assert [row["name"] for row in read] == ["annotator", "annotator2"] and read[0]["gold_why"] == "not_enough"

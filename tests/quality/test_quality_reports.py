"""The pages behind the figures: confusion, items behind a number, agreement over time, kinds of errors, cost of rework, one person's own."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from annotate.gold.services import add_gold
from annotate.jobs.models import Job
from tests.gold.conftest import approved
from tests.quality.test_confused import decided
from tests.quality.test_consensus_of_project import give, said
from tests.quality.test_figures import twelve
from tests.queues.conftest import queue_of
from workflows.quality import agreeing, answered, confused, kept, parts, rework
from workflows.quality.models import Kept, QualityReport
from workflows.quality.trends import trend

__all__ = ["approved", "decided", "queue_of", "twelve"]


def get(world: Any, path: str, person: Any = None) -> Any:
    return world.api(person or world.viewer).get(f"/projects/{world.project.pk}/{path}")


def page(world: Any, path: str = "", person: Any = None) -> str:
    shown = world.page(person or world.manager).get(f"/p/{world.project.pk}/quality{path}")
    assert shown.status_code == 200, shown.content
    text: str = shown.content.decode()
    return text


def test_the_heat_map_has_numbers_that_lead_to_the_wall_and_to_the_items(world: Any, decided: Any) -> None:
    shown = page(world, "/confusion")
    assert f'href="/p/{world.project.pk}/wall?of=people&amp;meant=sign&amp;given=car"' in shown and "quality/items?of=people&amp;meant=sign&amp;given=car" in shown
    assert "sign taken for car: 1" in shown and "On 9 answers to 3 items" in shown and 'aria-current="page">Confusion' in shown
    listed = page(world, "/items?of=people&meant=sign&given=car")
    assert f"/items/{decided[0].pk}" in listed and f"/items/{decided[1].pk}" not in listed
    assert "No such items" in page(world, "/items?of=people&meant=sign&given=dog")


def test_without_evidence_confusion_says_the_next_step(world: Any) -> None:
    assert "Nothing to compare yet" in page(world, "/confusion") and "import predictions" in page(world, "/confusion?of=model")


def test_confusion_by_the_api_in_json_and_csv_with_its_things(world: Any, decided: Any) -> None:
    found = get(world, "confusion").json()
    assert (found["labels"], found["items"], found["answers"]) == (["car", "person", "sign"], 3, 9)
    assert found["counts"][2] == [1, 0, 7, 1] and found["counts"][3] == [0, 1, 0, 0] and found["accuracy"]["of"] == 19
    read = list(csv.DictReader(io.StringIO(get(world, "confusion?format=csv").content.decode())))
    assert {(row["meant"], row["given"]): row["count"] for row in read}["sign", "car"] == "1"
    one = get(world, "confusion/things?meant=car&given=car&limit=5").json()
    two = get(world, f"confusion/things?meant=car&given=car&limit=5&cursor={one['next']}").json()
    assert len(one["results"]) == 5 and len(two["results"]) == 4 and two["next"] is None
    assert get(world, "confusion/things").json()["fields"] and get(world, "confusion?of=moon").json()["fields"] and get(world, "confusion?batch=9").status_code == 400
    assert get(world, f"confusion/things?meant=sign&given=car&cursor={one['next']}").status_code == 400


def test_a_large_confusion_is_a_jobs(world: Any, decided: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confused, "AT_ONCE", 2)
    assert get(world, "confusion").status_code == 202 and "measured for the first time" in page(world, "/confusion")
    run_jobs()
    assert get(world, "confusion").json()["accuracy"]["of"] == 19 and Job.objects.filter(kind="quality.confusion").count() == 1


def test_only_answers_that_changed_are_matched_again(world: Any, twelve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "CHUNK", 5)
    told: list[int] = []
    assert parts.refresh(world.project, lambda done, total: told.append(done)) == 12 and told == [0, 5, 10, 12]
    before = agreeing.measure(world.project, "alpha", "attribute")
    assert parts.refresh(world.project) == 0
    Kept.objects.filter(item=twelve[3]).delete()
    Kept.objects.filter(item=twelve[4]).update(key="older")
    assert parts.refresh(world.project) == 2 and agreeing.measure(world.project, "alpha", "attribute") == before


def test_matching_that_is_cut_off_goes_on_where_it_was(world: Any, twelve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "CHUNK", 5)

    def stop(done: int, total: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parts.refresh(world.project, stop)
    assert Kept.objects.count() == 10 and parts.refresh(world.project) == 2


def test_agreement_over_time_is_drawn_and_opens_its_items(world: Any, twelve: Any) -> None:
    [week] = get(world, "agreement?by=week&measure=percent").json()["results"]
    assert week["items"] == 12 and f"quality/items?period={week['period']}" in page(world)
    assert all(f"/items/{item.pk}" in page(world, f"/items?period={week['period']}") for item in twelve[:2])
    assert get(world, "agreement?by=week&format=csv").content.decode().startswith("period,value,low,high")


def test_one_label_has_a_figure_of_its_own(world: Any, twelve: Any) -> None:
    car = agreeing.of(world.project, measure="percent", label="car", batch=twelve[0].batch_id)
    assert (car["value"], car["items"], car["units"]) == (1.0, 12, 12) and agreeing.of(world.project, label="sign")["why"] in ("", "not_enough")


def test_kinds_of_errors_are_counted_by_person_and_lead_to_items(world: Any, decided: Any) -> None:
    rows = {row["name"]: row["errors"] for row in get(world, "quality").json()["results"]}
    assert rows["reviewer"] == {"items": 3, "things": 10, "errors": 4, "missing": 1, "extra": 1, "wrong_label": 2, "badly_placed": 0, "attribute": 0}
    assert rows["annotator"]["errors"] == 0
    labels = {row["label"]: row["errors"] for row in get(world, "quality?by=label").json()["results"]}
    assert labels["sign"]["missing"] == labels["sign"]["wrong_label"] == 1 and labels["sign"]["things"] == 9
    assert f"quality/items?kind=missing&amp;person={world.reviewer.pk}" in page(world)
    assert f"/items/{decided[1].pk}" in page(world, f"/items?kind=missing&person={world.reviewer.pk}")


def test_rework_is_a_share_of_the_time(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.queues.claim import next_task
    from annotate.reviews.services import review

    make_items(10)
    queue, judged = queue_of(), queue_of("review")
    give(world, queue, world.annotator, *[said("car")] * 10)
    lease = next_task(judged, world.actor(world.reviewer))
    review(lease.pk, world.actor(world.reviewer), "return", reason="missing")
    give(world, queue, world.annotator, said("car"))
    [row] = get(world, "quality").json()["results"]
    assert (row["rework"]["again"], row["rework"]["seconds"], row["rework"]["of"], row["rework"]["again_items"]) == (3.5, 38.5, 10, 1)
    assert row["rework"]["value"] == pytest.approx(1 / 11) and row["rework"]["low"] <= row["rework"]["value"] < row["rework"]["high"]
    assert "Cost of rework" in page(world)


def test_nothing_done_again_is_no_certainty(world: Any) -> None:
    assert rework.ratio(9, 90.0, 0.0, 900.0, 0.0, 0.0)["why"] == "not_enough"
    found = rework.ratio(10, 100.0, 0.0, 1000.0, 0.0, 0.0)
    assert (found["value"], found["low"]) == (0.0, 0.0) and found["high"] == pytest.approx(0.2775, abs=1e-4)


def test_one_person_over_time_and_a_person_sees_only_their_own_without_gold(world: Any, twelve: Any, make_items: Any, approved: Any, queue_of: Any) -> None:
    shown = page(world, f"?person={world.annotator2.pk}")
    assert "Quality of annotator2" in shown and "Skill, from gold" in shown and "Agreement with others" in shown
    own = page(world, f"?person={world.annotator2.pk}&by=label", world.annotator)
    assert "annotator2" not in own and "Skill" not in own and "/quality/items" not in own and "Agreement with others" in own
    mine = get(world, f"quality?by=week&person={world.annotator.pk}", world.annotator)
    assert mine.status_code == 200 and "gold" not in mine.json()["results"][0]
    assert get(world, f"quality?by=week&person={world.annotator2.pk}", world.annotator).status_code == 403
    assert get(world, "quality?by=week", world.annotator).status_code == 403 and get(world, "quality?person=x").status_code == 400


def test_answers_to_gold_are_no_errors_that_their_author_sees(world: Any, make_items: Any, approved: Any, queue_of: Any) -> None:
    from workflows.quality import gold

    [item] = make_items(1)
    approved(item, "car")
    add_gold(world.project, [item.pk], by=world.actor(world.manager))
    make_items(1)
    queue = queue_of(gold_percent=100, q="state = new")
    from annotate.queues.fill import fill

    fill(queue.pk)
    give(world, queue, world.annotator, said("sign"))
    gold.measure_some()
    [row] = [row for row in get(world, "quality").json()["results"] if row["name"] == "annotator"]
    assert row["errors"]["errors"] == 1
    [own] = get(world, "quality", world.annotator).json()["results"]
    assert own["errors"] == {"items": 0, "things": 0, "errors": 0, "missing": 0, "extra": 0, "wrong_label": 0, "badly_placed": 0, "attribute": 0}


def test_a_trend_breaks_where_there_is_not_enough() -> None:
    rows = [{"period": f"2026-W{at}", "value": value, "low": value, "high": value} for at, value in ((10, 0.5), (11, None), (12, 0.75), (13, 1.0))]
    found = trend(rows)
    assert [point.y for point in found.points] == [65.0, None, 41.5, 18.0] and len(found.lines) == 1 and found.shown == 3
    assert not trend([rows[1]]).any


@pytest.mark.parametrize(("period", "days"), [("2026-W11", ("2026-03-09", "2026-03-16")), ("2026-02", ("2026-02-01", "2026-03-01")), ("2026-03-14", ("2026-03-14", "2026-03-15"))])
def test_a_period_has_days(period: str, days: tuple[str, str]) -> None:
    found = answered.days_of(period)
    assert found is not None and tuple(map(str, found)) == days
    assert answered.days_of("2026-W99") is None and answered.days_of("soon") is None


def test_erased_items_leave_no_part(world: Any, twelve: Any) -> None:
    from annotate.items.erasure import erase

    parts.refresh(world.project)
    erase(twelve[0], by=world.actor(world.manager), reason="asked for")
    assert not Kept.objects.filter(item=twelve[0]).exists() and not QualityReport.objects.exists()

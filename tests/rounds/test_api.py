"""The contract of the API: planning, looking, closing and withdrawing by HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.rounds import deciding
from workflows.rounds.models import Round

pytestmark = pytest.mark.django_db


def test_a_round_is_planned_as_the_contract_says(world: Any, line: Any) -> None:
    bench, api = line(10), world.api(world.manager)
    address = f"/batches/{bench.batch.pk}/rounds"
    body = {"sample": {"kind": "percent", "value": 20, "seed": 7}, "pass_mark": 0.9}
    seen = api.post(address, body | {"preview": True})
    assert (seen.status_code, seen.json()) == (200, {"items": 10, "sampled": 2, "left_out": {}, "strata": [], "rates": [], "least": None})
    assert not Round.objects.exists()
    made = api.post(address, body, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201
    assert api.post(address, body, headers={"Idempotency-Key": "one"}).json() == made.json()
    one = made.json()
    assert (one["state"], one["items"], one["sampled"], one["pending"], one["judged_by"], one["escalation"]) == ("judging", 10, 2, 2, "point", "larger")
    assert one["sample"] == {"kind": "percent", "value": 20, "seed": 7, "by": None}
    assert (one["rate"], one["low"], one["high"]) == (None, None, None)
    assert [row["id"] for row in api.get(address).json()["results"]] == [one["id"]]
    assert world.api(world.reviewer).get(address).status_code == 200


def test_figures_come_with_every_verdict_and_close_decides(world: Any, line: Any) -> None:
    bench, api = line(4, authors=[world.annotator, world.annotator2] * 2), world.api(world.manager)
    one = api.post(f"/batches/{bench.batch.pk}/rounds", {"sample": {"kind": "count", "value": 3}, "escalation": "none"}).json()
    refused = api.post(f"/rounds/{one['id']}/close")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_judged")
    bench.judge(Round.objects.get(), "return", "fix")
    now = api.get(f"/rounds/{one['id']}").json()
    assert (now["state"], now["judged"], now["erring"], now["pending"], now["rate"]) == ("judging", 2, 2, 1, 1.0)
    assert (now["low"], now["high"]) == pytest.approx((0.3424, 1.0), abs=5e-5)
    assert now["reasons"] == {"missed_object": 1, "added": 1, "removed": 1}
    assert sum(part["judged"] for part in now["by_person"]) == 2
    assert [(part["label"], part["sampled"], part["judged"], part["erring"]) for part in now["by_label"]] == [("car", 3, 2, 2)]
    closed = api.post(f"/rounds/{one['id']}/close").json()
    assert (closed["state"], closed["counts"], closed["decided_by"]) == ("failed", {"fixed": 1, "returned": 1, "stays": 1, "unjudged": 1}, world.manager.pk)
    assert api.post(f"/rounds/{one['id']}/close").json()["code"] == "illegal_move"
    rows = api.get(f"/rounds/{one['id']}/items?sampled=true").json()["results"]
    assert sorted(row["place"] for row in rows) == [1, 2, 3]
    [back] = api.get(f"/rounds/{one['id']}/items?outcome=returned").json()["results"]
    assert (back["sampled"], back["revision"]) == (True, 1)


def test_withdrawing_says_why(world: Any, line: Any) -> None:
    bench, api = line(2), world.api(world.manager)
    one = api.post(f"/batches/{bench.batch.pk}/rounds", {"sample": {"kind": "all"}}).json()
    gone = api.post(f"/rounds/{one['id']}/withdraw", {"reason": "too early"}).json()
    assert (gone["state"], gone["reason"]) == ("withdrawn", "too early")
    assert deciding.decide_some() == 0


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"sample"}),
        ({"sample": {"kind": "some"}}, {"sample.kind"}),
        ({"sample": {"kind": "percent", "value": 200}}, {"sample.value"}),
        ({"sample": {"kind": "percent", "value": "NaN"}}, {"sample.value"}),
        ({"sample": {"kind": "stratified", "value": 5, "by": "weather"}}, {"sample.by"}),
        ({"sample": {"kind": "all", "seed": -1}}, {"sample.seed"}),
        ({"sample": {"kind": "all"}, "pass_mark": 95}, {"pass_mark"}),
        ({"sample": {"kind": "all"}, "escalation": "shout"}, {"escalation"}),
        ({"sample": {"kind": "all"}, "reviewers": ["nobody"]}, {"reviewers[0]"}),
        ({"sample": {"kind": "all"}, "mark": 1}, {"mark"}),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_made(world: Any, line: Any, body: Any, fields: set[str]) -> None:
    answer = world.api(world.manager).post(f"/batches/{line(1).batch.pk}/rounds", body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, fields), answer.json()
    assert not Round.objects.exists()


def test_a_batch_without_answers_says_that_nothing_can_be_judged(world: Any, make_items: Any) -> None:
    [item] = make_items(1)
    answer = world.api(world.manager).post(f"/batches/{item.batch_id}/rounds", {"sample": {"kind": "all"}})
    assert (answer.status_code, answer.json()["code"]) == (400, "nothing_to_judge")


def test_unknown_filters_are_refused(world: Any, line: Any) -> None:
    made, api = line(1).plan("all", None), world.api(world.manager)
    assert api.get(f"/rounds/{made.pk}/items?outcome=odd").status_code == 400
    assert api.get(f"/rounds/{made.pk}/items?sampled=perhaps").status_code == 400

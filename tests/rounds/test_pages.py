"""The pages of rounds, as people of each role use them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.rounds.conftest import fresh
from workflows.rounds import deciding, drawing
from workflows.rounds.models import Round
from workflows.rounds.wording import mistakes

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return response.content.decode()


def words(response: Any) -> str:
    """What a person reads, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text(response)))


def form(**more: Any) -> dict[str, Any]:
    given = {"kind": "percent", "value": "50", "by": "label", "mark": "95", "escalation": "larger", "judged_by": "point", "seed": "3"} | more
    return {f"r-{name}": value for name, value in given.items()}


def test_a_batch_offers_a_round_and_says_beforehand_what_it_comes_to(world: Any, line: Any) -> None:
    bench = line(5)
    page, address = world.page(world.manager), f"/batches/{bench.batch.pk}"
    shown = text(page.get(address))
    assert "Plan a round" in shown and "No round yet" in shown
    assert "3 of 5 answers are judged." in words(page.post(f"{address}/rounds/preview", form()))
    assert "1 of 5 answers is judged." in words(page.post(f"{address}/rounds/preview", form(kind="count", value="1")))
    assert "that takes 73" in words(page.post(f"{address}/rounds/preview", form(judged_by="bound")))
    assert "car 3 / 5" in words(page.post(f"{address}/rounds/preview", form(kind="stratified")))
    assert "annotator 10 %" in words(page.post(f"{address}/rounds/preview", form(kind="adaptive", value="10")))
    assert "more than 0, at most 100" in words(page.post(f"{address}/rounds/preview", form(value="300")))
    assert "Say how much" in words(page.post(f"{address}/rounds/preview", form(mark="much")))
    assert not Round.objects.exists()
    made = page.post(f"{address}/rounds", form(reviewers=[str(world.reviewer.pk)]))
    one = Round.objects.get()
    assert made.url == f"/p/{world.project.pk}/rounds/{one.pk}"
    assert (one.kind, one.value, one.seed, one.pass_mark, one.reviewers) == ("percent", 50, 3, 0.95, [world.reviewer.pk])
    again = words(page.post(f"{address}/rounds/preview", form()))
    assert "Nothing can be judged now." in again and "Left out: 5 in another round" in again


def test_what_was_typed_stays_when_it_is_not_taken(world: Any, line: Any) -> None:
    bench = line(1)
    answer = world.page(world.manager).post(f"/batches/{bench.batch.pk}/rounds", form(kind="stratified", by="meta", name="", value="7"))
    assert answer.status_code == 200
    assert 'value="7' in text(answer) and "meta.&lt;name&gt;" in text(answer)
    assert not Round.objects.exists()


def test_only_those_who_judge_and_manage_see_rounds(world: Any, line: Any) -> None:
    bench = line(2)
    made = bench.plan("all", None)
    address, project = f"/batches/{bench.batch.pk}", world.project.pk
    assert "Review rounds" in text(world.page(world.reviewer).get(address)) and "Plan a round" not in text(world.page(world.reviewer).get(address))
    assert "Review rounds" not in text(world.page(world.viewer).get(address))
    assert world.page(world.viewer).get(f"/p/{project}/rounds/{made.pk}").status_code == 403
    assert world.page(world.annotator).get(f"/p/{project}/rounds/{made.pk}").status_code == 404
    assert world.page(world.manager).get(f"/p/{world.other_project.pk}/rounds/{made.pk}").status_code == 404
    seen = text(world.page(world.reviewer).get(f"/p/{project}/rounds/{made.pk}"))
    assert f"/work/{made.queue_id}" in seen and "Close it now" not in seen and "Withdraw it" not in seen


def test_a_round_says_how_far_it_is_and_what_closing_would_do(world: Any, line: Any) -> None:
    bench = line(10)
    made = bench.plan("count", 4)
    page, address = world.page(world.manager), f"/p/{world.project.pk}/rounds/{made.pk}"
    before = text(page.get(address))
    assert "4 answers wait to be judged." in before and "Not enough yet" in before and "as soon as something of the sample is judged" in before
    bench.judge(made, "accept", "accept")
    now = words(page.get(address))
    assert "2 of 4 answers are judged; 0 had mistakes." in now
    assert "As it stands it passes: 6 answers that nobody looked at are approved." in now and "2 answers of the sample are not judged" in now
    bench.judge(made, "return")
    now = words(page.get(address))
    assert "33.4 %" in now and "As it stands it fails: nothing more is approved, and a new round draws twice as many." in now
    assert "missing objects" in now and "reviewer on annotator" in now and "By person" in now and "By label" in now
    assert page.post(f"{address}/close").url == address
    made = fresh(made)
    assert made.state == "failed"
    after = words(page.get(address))
    assert "Failed: mistakes in 1 of 3 answers, 33.4 %." in after and "Round 2 follows" in after and "Left as it was 6" in after
    assert "a round" not in words(page.post(f"{address}/close", follow=True)).partition("Failed:")[0]


def test_a_passed_round_counts_what_it_approved(world: Any, line: Any) -> None:
    bench = line(4)
    made = bench.plan("count", 1, escalation="return")
    bench.judge(made, "accept")
    deciding.close(made, by=world.actor(world.manager))
    shown = words(world.page(world.manager).get(f"/p/{world.project.pk}/rounds/{made.pk}"))
    assert "Passed: mistakes in 0 of 1 answers, 0 %." in shown and "Approved by the round 3" in shown and "No mistakes so far" in shown
    history = words(world.page(world.manager).get(f"/items/{made.members.filter(sampled=False)[0].item_id}"))
    assert "Approved" in history


def test_what_a_failed_round_sent_back_says_why_at_its_authors(world: Any, line: Any) -> None:
    bench = line(3)
    made = bench.plan("count", 1, escalation="return")
    bench.judge(made, "return")
    deciding.close(made, by=world.actor(world.manager))
    seen = text(world.page(world.manager).get(f"/p/{world.project.pk}/reviews"))
    assert seen.count("Review round 1 of this batch found mistakes in 1 of 1 answers") >= 2 and "opened again by the author" not in seen


def test_pages_speak_chinese_too(world: Any, line: Any) -> None:
    bench = line(4)
    made = bench.plan("count", 2)
    bench.judge(made, "return")
    page = world.page(world.manager)
    page.post("/language", {"language": "zh-hans", "next": "/"})
    shown = words(page.get(f"/p/{world.project.pk}/rounds/{made.pk}"))
    assert "第 1 轮" in shown and "2 份作答已审核 1 份，其中 1 份有误。" in shown and "95 % 区间（Wilson）" in shown
    assert "%%" not in shown and "%%" not in words(page.post(f"/batches/{bench.batch.pk}/rounds/preview", form()))


def test_an_open_page_looks_again_until_the_round_is_over_and_is_then_shown_anew(world: Any, line: Any) -> None:
    bench = line(2)
    made = bench.plan("all", None)
    page, address = world.page(world.manager), f"/p/{world.project.pk}/rounds/{made.pk}"
    bench.judge(made, "accept", "accept")
    asked = page.get(address, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 10s"' in text(asked) and "HX-Refresh" not in asked
    deciding.close(made, by=world.actor(world.manager))
    asked = page.get(address, headers={"HX-Request": "true"})
    assert "every 10s" not in text(asked) and asked["HX-Refresh"] == "true"
    assert "HX-Refresh" not in page.get(address)


def test_withdrawing_from_the_page(world: Any, line: Any) -> None:
    made = line(2).plan("all", None)
    page, address = world.page(world.manager), f"/p/{world.project.pk}/rounds/{made.pk}"
    assert page.post(f"{address}/withdraw", {"reason": "too early"}).url == address
    shown = words(page.get(address))
    assert "Withdrawn: nothing follows from it." in shown and "too early" in shown
    assert "cannot" in words(page.post(f"{address}/withdraw", follow=True))


def test_the_reviews_page_has_the_projects_rounds_and_says_what_they_are_when_there_are_none(world: Any, line: Any) -> None:
    bench, address = line(2), f"/p/{world.project.pk}/reviews"
    assert "No rounds yet" in text(world.page(world.reviewer).get(address)) and "Choose a batch" in text(world.page(world.manager).get(address))
    made = bench.plan("all", None)
    bench.judge(made, "return")
    shown = text(world.page(world.reviewer).get(address))
    assert f"/p/{world.project.pk}/rounds/{made.pk}" in shown and "100 %" in shown
    assert "march · 1" in words(world.page(world.manager).get(f"/p/{world.project.pk}/rounds"))


def test_a_share_of_mistakes_never_looks_better_than_it_is() -> None:
    assert [mistakes(value) for value in (None, 0.0, 1 / 30, 0.05, 0.0501, 1.0)] == ["—", "0 %", "3.4 %", "5 %", "5.1 %", "100 %"]


def test_a_picture_has_room_for_the_mark_and_the_interval() -> None:
    drawn = drawing.picture(allowed=0.05, rate=0.1, low=0.02, high=0.4, over=True, width=100)
    assert (drawn.whole, drawn.mark, drawn.dot, drawn.low, drawn.high, drawn.span) == (pytest.approx(0.46), 10.9, 21.7, 4.3, 87.0, 82.7)
    assert drawing.picture(allowed=0.05, rate=None, low=0, high=1, over=False).dot is None

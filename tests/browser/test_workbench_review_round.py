"""Rounds of review in a real browser: what changed, pins, reasons by digit, a verdict taken back, sides of a disagreement."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from annotate.annotations.models import Annotation
from annotate.queues.models import Task
from annotate.queues.services import create_queue
from annotate.reviews.models import Approval, Comment, Review, Undo
from tests.browser.bench import Bench, submitted
from tests.conftest import make_items  # noqa: F401  fixture

pytestmark = pytest.mark.django_db(transaction=True)
ONE, TWO, THREE = (str(uuid.UUID(int=n)) for n in (1, 2, 3))


def a_box(id: str, *sides: float, label: str = "car") -> dict[str, Any]:
    return {"id": id, "kind": "box", "label": label, "box": list(sides)}


@pytest.fixture
def world(live: Any) -> Any:
    return live


def queue_of(live: Any, stage: str, **settings: Any) -> Any:
    return create_queue(live.project, stage, stage=stage, by=live.actor(live.owner), **settings)


def answer(live: Any, queue: Any, person: Any, *objects: Any) -> int:
    api = live.api(person)
    held = api.post(f"/queues/{queue.pk}/next").json()
    done = api.post(f"/leases/{held['lease']['id']}/submit", {"annotation": {"objects": list(objects), "item": {}}})
    assert done.status_code == 201, done.content
    return int(held["item"]["id"])


@pytest.fixture
def queues(live: Any, make_items: Callable[..., Any]) -> Any:  # noqa: F811
    """(annotators' queue, reviewers' queue); one item is answered with two boxes."""
    make_items(1)
    label = queue_of(live, "annotate")
    answer(live, label, live.annotator, a_box(ONE, 5, 5, 20, 20), a_box(TWO, 40, 10, 15, 15))
    return label, queue_of(live, "review")


def test_a_reason_by_one_digit_and_a_pin_at_a_point_reach_the_author_who_settles_them(live: Any, sign_in: Any, queues: Any) -> None:
    judging = Bench(sign_in(live.reviewer), queues[1])
    item = judging.item
    judging.page.mouse.move(*judging.place(30, 30))
    judging.press("Shift+T")
    judging.page.keyboard.type("one more here")
    judging.page.locator(".canvas").focus()
    judging.press("r", "1", "1")
    judging.gone(item)
    assert [(row.verdict, row.reason) for row in Review.objects.all()] == [("return", "missing")]
    comment = Comment.objects.get()
    assert comment.text == "one more here" and comment.at is not None and abs(comment.at[0] - 30) < 1.5
    author = Bench(sign_in(live.annotator), queues[0])
    assert "reviewer returned this: missing objects" in author.page.locator(".banner").inner_text()
    author.press("Shift+E", "Shift+X")
    author.page.get_by_text("All comments are settled.").wait_for()
    author.page.wait_for_function("() => true")
    author.page.wait_for_timeout(300)
    assert Comment.objects.get().resolved_by == live.annotator
    assert judging.faults == [] and author.faults == []


def test_a_second_round_shows_what_changed(live: Any, sign_in: Any, queues: Any) -> None:
    api = live.api(live.reviewer)
    lease = api.post(f"/queues/{queues[1].pk}/next").json()["lease"]["id"]
    api.post(f"/leases/{lease}/review", {"verdict": "return", "reason": "badly_placed"})
    answer(live, queues[0], live.annotator, a_box(ONE, 8, 5, 20, 20, label="sign"), a_box(THREE, 2, 30, 10, 10))
    judging = Bench(sign_in(live.reviewer), queues[1])
    listed = judging.page.get_by_role("region", name="Changed since the last round")
    words = " ".join(listed.inner_text().split())
    assert "sign relabelled moved" in words and "car removed" in words and "car new" in words
    judging.press("Shift+E")
    assert judging.page.locator(".olist li.on").count() == 1
    judging.press("Shift+R", "Shift+R")
    assert judging.faults == []


def test_a_verdict_is_taken_back_by_one_key_with_its_comments(live: Any, sign_in: Any, queues: Any) -> None:
    judging = Bench(sign_in(live.reviewer), queues[1])
    item = judging.item
    judging.page.locator("#write-comment").fill("nice")
    judging.page.locator(".canvas").focus()
    judging.press("a")
    judging.page.get_by_text("Nothing left for you here").wait_for()
    assert Approval.objects.filter(ended_at=None).exists()
    judging.press("Shift+U")
    judging.page.wait_for_selector(f".wb[data-phase=working][data-item='{item}']")
    assert not Approval.objects.filter(ended_at=None).exists()
    assert Undo.objects.get().review.verdict == "accept"
    assert "nice" in judging.page.locator(".side").inner_text()
    judging.press("r", "4", "Enter")
    judging.page.get_by_text("Nothing left for you here").wait_for()
    assert [row.verdict for row in Review.objects.order_by("pk")] == ["accept", "return"]
    assert Task.objects.get(queue=queues[0]).state == "returned"
    assert judging.faults == []


def test_two_answers_are_laid_over_each_other_and_one_key_takes_one_sides(live: Any, sign_in: Any, make_items: Callable[..., Any]) -> None:  # noqa: F811
    make_items(1)
    label = queue_of(live, "annotate", overlap=2)
    item = answer(live, label, live.annotator, a_box(ONE, 5, 5, 20, 20), a_box(TWO, 40, 10, 15, 15))
    answer(live, label, live.annotator2, a_box(THREE, 5, 5, 20, 20.5), a_box(str(uuid.UUID(int=4)), 42, 12, 15, 15, label="sign"))
    bench = Bench(sign_in(live.reviewer), queue_of(live, "adjudicate"))
    sides = bench.page.get_by_role("region", name="Disagreements")
    assert "1 agree" in sides.inner_text()
    assert "annotator" not in bench.page.locator(".wb").inner_text()
    assert len(bench.rows) == 1
    bench.press("Control+Enter")
    bench.page.get_by_text("One disagreement is not decided yet.").wait_for()
    names = [button.inner_text().split() for button in sides.get_by_role("button").all()]
    signs = next(place for place, words in enumerate(names) if "sign" in words)
    bench.press("';"[1 - signs])
    assert bench.rows == ["car", "sign"]
    bench.press("Control+Enter")
    bench.gone(item)
    decided = submitted(item)[-1]
    assert sorted(one["label"] for one in decided["objects"]) == ["car", "sign"]
    approval = Approval.objects.get(ended_at=None)
    assert (approval.cause, approval.annotation.person) == ("adjudication", live.reviewer)
    assert Annotation.objects.filter(item_id=item).count() == 3
    assert bench.faults == []

"""Review, texts and what the server refuses, in a real browser."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from annotate.projects.services import create, set_member
from annotate.queues.services import create_queue
from annotate.reviews.models import Review
from tests.browser.bench import READY, Bench, crash, journalled, submitted
from tests.conftest import SCHEMA

pytestmark = pytest.mark.django_db(transaction=True)
POLYGON = {"id": str(uuid.uuid4()), "kind": "polygon", "label": "car", "points": [[2, 2], [20, 2], [20, 20]]}
BOX = {"id": str(uuid.uuid4()), "kind": "box", "label": "car", "box": [30, 10, 20, 20], "attributes": {"occluded": True}}


def queue_of(live: Any, stage: str, **settings: Any) -> Any:
    return create_queue(live.project, stage, stage=stage, by=live.actor(live.owner), **settings)


@pytest.fixture
def answered(live: Any, make_items: Callable[..., Any]) -> Any:
    """(annotators' queue, reviewers' queue); one item is answered with a polygon and a box."""
    make_items(1)
    label = queue_of(live, "annotate")
    api = live.api(live.annotator)
    held = api.post(f"/queues/{label.pk}/next").json()
    done = api.post(f"/leases/{held['lease']['id']}/submit", {"annotation": {"objects": [POLYGON, BOX], "item": {}}})
    assert done.status_code == 201
    return label, queue_of(live, "review")


@pytest.fixture
def judging(sign_in: Any, live: Any, answered: Any) -> Bench:
    return Bench(sign_in(live.reviewer), answered[1])


def test_a_reviewer_sees_the_answer_but_changes_nothing_until_they_fix(judging: Bench) -> None:
    assert judging.rows == ["car 1", "car 2"]
    judging.drag((40, 20), (10, 40))
    judging.press("Tab", "Delete", "2")
    assert judging.rows == ["car 1", "car 2"]
    assert judging.faults == []


def test_accept_by_one_key_leaves_nothing_to_review(judging: Bench) -> None:
    judging.press("a")
    judging.page.get_by_text("Nothing left for you here").wait_for()
    assert [row.verdict for row in Review.objects.all()] == ["accept"]


def test_a_crash_loses_neither_comments_nor_the_words_of_a_verdict(judging: Bench, answered: Any) -> None:
    context, item = judging.page.context, judging.item
    judging.press("Tab")
    judging.page.locator("#write-comment").fill("cuts off the feet")
    judging.page.get_by_role("button", name="Add comment").click()
    judging.page.locator(".canvas").focus()
    judging.press("Tab")
    judging.page.locator("#write-comment").fill("and here")
    judging.page.locator(".canvas").focus()
    judging.press("r", "4")
    judging.page.get_by_role("textbox", name="In words").fill("by far")
    journalled(judging)
    crash(judging.page)
    again = Bench(context.new_page(), answered[1])
    assert again.item == item
    assert "cuts off the feet" in again.page.locator(".side").inner_text()
    assert again.page.locator("#write-comment").input_value() == "and here"
    assert again.page.get_by_role("textbox", name="In words").input_value() == "by far"
    assert again.page.get_by_role("button", name="badly placed").get_attribute("aria-pressed") == "true"
    again.page.get_by_role("textbox", name="In words").press("Enter")
    again.gone(item)
    review = Review.objects.get()
    assert (review.verdict, review.reason_key, review.reason) == ("return", "badly_placed", "by far")
    assert [row.text for row in review.comments.order_by("id")] == ["cuts off the feet", "and here"]


def test_returned_work_reaches_its_author_with_reason_and_comment(judging: Bench, sign_in: Any, live: Any, answered: Any) -> None:
    item = judging.item
    judging.press("Tab", "Tab")
    judging.page.get_by_placeholder("It will be pinned to car 2.").fill("cuts off the feet")
    judging.page.locator(".canvas").focus()
    judging.press("r")
    judging.page.get_by_role("button", name="badly placed").click()
    judging.page.get_by_role("button", name="Return and next").click()
    judging.gone(item)
    author = Bench(sign_in(live.annotator), answered[0])
    assert "reviewer returned this: badly placed" in author.page.locator(".banner").inner_text()
    assert "cuts off the feet" in author.page.locator(".side").inner_text()
    assert author.rows == ["car 1", "car 2"]
    assert author.faults == []


def test_a_return_without_a_reason_is_asked_for_one(judging: Bench) -> None:
    judging.press("r", "Enter")
    judging.page.get_by_text("Say why: choose or write a reason.").wait_for()
    assert not Review.objects.exists()


def test_a_fix_is_sent_with_the_verdict_and_keeps_the_polygon_as_it_was(judging: Bench) -> None:
    item = judging.item
    judging.press("e", "Tab", "Tab", "Shift+ArrowLeft", "Control+Enter")
    judging.gone(item)
    assert [row.verdict for row in Review.objects.all()] == ["fix"]
    before, after = submitted(item)
    by_id = {one["id"]: one for one in after["objects"]}
    assert by_id[POLYGON["id"]] == next(one for one in before["objects"] if one["id"] == POLYGON["id"])
    assert by_id[BOX["id"]]["box"] == [20, 10, 20, 20]
    assert by_id[BOX["id"]]["attributes"] == {"occluded": True}


def test_a_discarded_fix_is_the_answer_as_it_was(judging: Bench) -> None:
    judging.press("e", "Tab", "Delete")
    assert len(judging.rows) == 1
    judging.page.get_by_role("button", name="Discard the fix").click()
    assert judging.rows == ["car 1", "car 2"]
    judging.page.wait_for_timeout(1300)
    judging.page.reload()
    judging.page.wait_for_selector(READY)
    assert judging.page.get_by_text("Read only").is_visible()


def test_a_text_is_read_and_answered_by_digits(live: Any, sign_in: Any, make_items: Callable[..., Any]) -> None:
    from annotate.items.services import create_batch

    owner = live.actor(live.owner)
    schema = {"labels": [], "item": [{"name": "mood", "type": "choice", "options": ["good", "bad"], "required": True}]}
    project = create("reviews", media="text", schema=schema, organisation_id=live.organisation.pk, by=owner)
    set_member(project, live.annotator, role="annotator", by=owner)
    make_items(1, batch=create_batch(project, "may", by=owner), blob_id=None, sha256=None, width=None, height=None, key="one", text="Lovely place, will come back.")
    queue = create_queue(project, "moods", stage="annotate", by=owner)
    bench = Bench(sign_in(live.annotator), queue, ".wb[data-phase=working] .reading")
    item = bench.item
    assert "Lovely place" in bench.page.locator(".reading").inner_text()
    bench.press("Control+Enter")
    bench.page.get_by_text("required value is missing").wait_for()
    bench.press("1", "Control+Enter")
    bench.gone(item)
    assert submitted(item) == [{"objects": [], "item": {"mood": "good"}}]
    assert bench.faults == []


def test_a_required_attribute_is_asked_for_at_its_object(live: Any, sign_in: Any, make_items: Callable[..., Any]) -> None:
    from annotate.items.services import create_batch

    owner = live.actor(live.owner)
    car = {**SCHEMA["labels"][0], "attributes": [{"name": "occluded", "type": "bool", "required": True}]}
    project = create("cars", media="image", schema={"labels": [car]}, organisation_id=live.organisation.pk, by=owner)
    set_member(project, live.annotator, role="annotator", by=owner)
    make_items(1, batch=create_batch(project, "may", by=owner))
    bench = Bench(sign_in(live.annotator), create_queue(project, "cars", stage="annotate", by=owner))
    item = bench.item
    bench.drag((10, 10), (30, 30))
    bench.press("Control+Enter")
    assert "required" in bench.page.locator(".olist li.on .down").inner_text()
    bench.page.locator(".olist li.on").get_by_role("button", name="yes").click()
    bench.page.locator(".says .float").wait_for(state="hidden")
    assert bench.page.locator(".olist [data-fault]").count() == 0
    bench.press("Control+Enter")
    bench.gone(item)
    assert submitted(item)[0]["objects"][0]["attributes"] == {"occluded": True}

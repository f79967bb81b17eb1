"""Not knowing, in a real browser: guidelines beside the picture, a question and its answer, reasons for skipping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.projects import guidelines, skip_reasons
from annotate.projects.models import GuidelineSeen
from annotate.queues.models import Skip, Task
from annotate.queues.services import create_queue
from annotate.reviews import asking
from annotate.reviews.models import Question
from tests.browser.bench import READY, Bench, crash, journalled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queue(live: Any, make_items: Callable[..., Any]) -> Any:
    make_items(2)
    return create_queue(live.project, "annotate", stage="annotate", by=live.actor(live.owner))


def test_new_guidelines_are_shown_once_and_g_opens_them_again(live: Any, sign_in: Any, queue: Any) -> None:
    by = live.actor(live.manager)
    guidelines.change(live.project, "# Vans\n\nA van is a **car**.", by=by)
    guidelines.add_example(live.project, label="car", good=False, text="too loose", by=by)
    bench = Bench(sign_in(live.annotator), queue)
    panel = bench.page.get_by_role("complementary", name="Guidelines")
    panel.get_by_text("New: version 2").wait_for()
    assert "A van is a car." in panel.inner_text() and "too loose" in panel.inner_text()
    panel.get_by_role("button", name="I have read it").click()
    panel.wait_for(state="hidden")
    bench.page.wait_for_timeout(300)
    assert GuidelineSeen.objects.get(person=live.annotator).number == 2
    bench.page.reload()
    bench.page.wait_for_selector(".canvas[data-picture=shown]")
    bench.page.wait_for_timeout(300)
    assert panel.count() == 0
    bench.page.locator(".canvas").focus()
    bench.press("g")
    panel.get_by_text("Version 2").wait_for()
    bench.press("g")
    panel.wait_for(state="hidden")
    assert bench.faults == []


def test_a_question_parks_the_item_and_the_answer_brings_it_back(live: Any, sign_in: Any, queue: Any) -> None:
    bench = Bench(sign_in(live.annotator), queue)
    item = bench.item
    bench.drag((10, 10), (30, 30))
    bench.press("Shift+A")
    bench.page.keyboard.type("Is this a car?")
    bench.press("Control+Enter")
    bench.gone(item)
    question = Question.objects.get()
    assert (question.item_id, question.text, question.shape["label"]) == (item, "Is this a car?", "car")
    assert Task.objects.get(item_id=item).state == "parked"
    asking.answer(question.pk, "It is a van, so yes.", by=live.actor(live.reviewer))
    other = bench.item
    bench.press("Control+Enter")
    bench.page.wait_for_selector(f".wb[data-phase=working][data-item='{item}']")
    assert other != item
    assert "It is a van, so yes." in bench.page.locator(".side").inner_text()
    assert bench.rows == ["car"]
    assert bench.faults == []


def test_skip_reasons_are_the_projects_own_and_digits_choose_them(live: Any, sign_in: Any, queue: Any) -> None:
    skip_reasons.change(live.project, ["fog", "night"], by=live.actor(live.manager))
    bench = Bench(sign_in(live.annotator), queue)
    item = bench.item
    bench.page.get_by_role("button", name="Skip", exact=True).click()
    bench.page.get_by_role("dialog", name="Skip this item").wait_for()
    bench.press("2", "Enter")
    bench.gone(item)
    assert [(row.item_id, row.reason) for row in Skip.objects.all()] == [(item, "night")]
    assert bench.faults == []


def test_a_change_of_the_guidelines_is_brought_up_once_where_the_work_is(live: Any, sign_in: Any, queue: Any) -> None:
    by = live.actor(live.manager)
    guidelines.change(live.project, "A van is a car.", by=by)
    guidelines.acknowledge(live.project, 1, by=live.actor(live.annotator))
    bench = Bench(sign_in(live.annotator), queue)
    panel = bench.page.get_by_role("complementary", name="Guidelines")
    bench.page.wait_for_timeout(300)
    assert panel.count() == 0  # read already
    guidelines.change(live.project, "A van is no car.", message="vans are out", by=by)
    item = bench.item
    bench.press("f")
    bench.gone(item)  # fetched ahead before the change
    bench.page.wait_for_selector(READY)
    bench.page.reload()
    panel.get_by_text("New: version 2").wait_for()
    assert "vans are out" in panel.inner_text()
    panel.get_by_role("button", name="I have read it").click()
    panel.wait_for(state="hidden")
    bench.page.wait_for_load_state("networkidle")
    assert GuidelineSeen.objects.get(person=live.annotator).number == 2


def test_the_guidelines_editor_shows_what_the_text_will_look_like(live: Any, sign_in: Any) -> None:
    page = sign_in(live.manager)
    page.goto(f"/p/{live.project.pk}/guidelines")
    page.locator("#id_text").fill("# Vans\n\nA van is a **car**. <script>alert(1)</script>")
    preview = page.locator("#preview")
    preview.locator("strong", has_text="car").wait_for()
    assert preview.get_by_role("heading", name="Vans").count() == 1
    assert preview.locator("script").count() == 0
    page.locator("#id_text").press("End")
    page.keyboard.type(" And a bus?")
    preview.get_by_text("And a bus?").wait_for()
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_text("Version 1 counts from now on").wait_for()
    assert guidelines.newest(live.project).text.endswith("And a bus?")


def test_a_question_is_answered_on_its_page_and_one_click_makes_it_an_example_beside_the_picture(live: Any, sign_in: Any, queue: Any) -> None:
    bench = Bench(sign_in(live.annotator), queue)
    item = bench.item
    bench.drag((10, 10), (30, 30))
    bench.press("Shift+A")
    bench.page.keyboard.type("Is a van a car?")
    bench.press("Control+Enter")
    bench.gone(item)
    desk = sign_in(live.manager)
    desk.goto(f"/p/{live.project.pk}/reviews")
    desk.locator("#questions textarea").fill("Yes, always.")
    desk.locator("#questions").get_by_role("button", name="Answer").click()
    desk.locator("#answered").get_by_role("button", name="Make it a good example").click()
    desk.locator("#answered").get_by_text("In the guidelines").wait_for()
    bench.press("f")
    bench.page.wait_for_selector(f".wb[data-phase=working][data-item='{item}'] .canvas[data-picture=shown]")
    panel = bench.page.get_by_role("complementary", name="Guidelines")
    panel.get_by_text("Is a van a car? — Yes, always.").wait_for()
    panel.locator(".examples .good img").wait_for()
    assert bench.page.get_by_role("textbox", name="Question").count() == 0  # what was sent is not brought back
    assert bench.faults == []


def test_a_skipped_item_waits_in_the_managers_inbox_until_it_is_put_back(live: Any, sign_in: Any, queue: Any) -> None:
    skip_reasons.change(live.project, ["fog", "night"], by=live.actor(live.manager))
    bench = Bench(sign_in(live.annotator), queue)
    item = bench.item
    bench.press("Shift+S")
    bench.press("1", "Enter")
    bench.gone(item)
    desk = sign_in(live.manager)
    desk.goto(f"/p/{live.project.pk}/skipped")
    desk.get_by_text("1 item was skipped").wait_for()
    assert "annotator fog" in " ".join(desk.locator(".asked").inner_text().split())
    desk.get_by_role("button", name="Put back").click()
    desk.get_by_text("put before those who skipped it once more").wait_for()
    bench.press("f")  # the other one
    bench.page.wait_for_selector(f".wb[data-phase=working][data-item='{item}']")


def test_what_was_typed_into_a_form_survives_a_crash_and_a_slip_of_escape(live: Any, sign_in: Any, queue: Any) -> None:
    bench = Bench(sign_in(live.annotator), queue)
    context, item = bench.page.context, bench.item
    bench.press("Shift+A")
    bench.page.keyboard.type("Is this")
    bench.press("Escape", "Shift+A")
    field = bench.page.get_by_role("textbox", name="Question")
    assert field.input_value() == "Is this"
    field.press("End")
    bench.page.keyboard.type(" a car?")
    journalled(bench)
    crash(bench.page)
    again = Bench(context.new_page(), queue)
    assert again.item == item
    field = again.page.get_by_role("textbox", name="Question")
    assert field.input_value() == "Is this a car?"
    field.press("Control+Enter")
    again.gone(item)
    assert Question.objects.get().text == "Is this a car?"


def test_a_reviewer_asks_too_and_the_answer_lies_beside_the_work_when_it_is_back(live: Any, sign_in: Any, queue: Any) -> None:
    api = live.api(live.annotator)
    held = api.post(f"/queues/{queue.pk}/next").json()
    box = {"id": "0b8e6f5e-8a30-4d63-9d39-6d3b4c1e2a10", "kind": "box", "label": "car", "box": [10, 10, 20, 20]}
    assert api.post(f"/leases/{held['lease']['id']}/submit", {"annotation": {"objects": [box], "item": {}}}).status_code == 201
    review = create_queue(live.project, "review", stage="review", by=live.actor(live.owner))
    bench = Bench(sign_in(live.reviewer), review)
    item = bench.item
    bench.press("Tab", "Shift+A")
    bench.page.get_by_text("Pinned to car").wait_for()
    bench.page.keyboard.type("Is a van a car?")
    bench.press("Control+Enter")
    bench.page.get_by_text("Nothing left for you here").wait_for()
    assert Question.objects.get().shape["label"] == "car"
    asking.answer(Question.objects.get().pk, "Yes, always.", by=live.actor(live.manager))
    bench.page.get_by_role("button", name="Look again").click()
    bench.page.wait_for_selector(f".wb[data-phase=working][data-item='{item}'] .canvas[data-picture=shown]")
    assert "Yes, always." in bench.page.locator(".side").inner_text()
    bench.press("a")
    bench.page.get_by_text("Nothing left for you here").wait_for()
    assert Task.objects.get(queue=review).state == "answered"
    assert bench.faults == []

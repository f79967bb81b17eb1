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
from tests.browser.bench import Bench
from tests.conftest import make_items  # noqa: F401  fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(live: Any) -> Any:
    return live


@pytest.fixture
def queue(live: Any, make_items: Callable[..., Any]) -> Any:  # noqa: F811
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

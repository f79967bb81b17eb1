"""Returned work in a real browser: given to whom the reviewer names, disputed by its author, decided by a third person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.queues.models import Task
from annotate.reviews.models import Dispute, Review
from tests.browser.bench import Bench
from tests.browser.test_workbench_review_round import ONE, TWO, a_box, answer, queue_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_author_disputes_a_return_and_reads_what_was_decided(live: Any, sign_in: Any, make_items: Callable[..., Any]) -> None:
    make_items(2)
    label = queue_of(live, "annotate")
    for _n in range(2):
        answer(live, label, live.annotator, a_box(ONE, 5, 5, 20, 20), a_box(TWO, 40, 10, 15, 15))
    judge = queue_of(live, "review")
    judging = Bench(sign_in(live.reviewer), judge)
    first = judging.item
    judging.press("r", "3", "3")
    judging.gone(first)
    judging.press("r", "7", "7")
    assert "Say why" in judging.page.get_by_role("alert").inner_text(), "something else is said in words"
    judging.page.keyboard.type("too dark")
    judging.page.get_by_label("Goes to").select_option(label="annotator2")
    judging.page.get_by_role("button", name="Return and next").click()
    judging.page.wait_for_selector(".wb[data-phase=empty]")
    assert list(Review.objects.order_by("pk").values_list("reason_key", "reason")) == [("wrong_label", ""), ("other", "too dark")]
    assert Task.objects.get(queue=label, person=live.annotator2).state == "open"

    author = Bench(sign_in(live.annotator), label)
    assert "reviewer returned this: wrong label" in author.page.locator(".banner").inner_text()
    author.press("Alt+r")
    author.page.keyboard.type("It is a car")
    author.press("Control+Enter")
    author.page.wait_for_selector(".wb[data-phase=empty]")
    assert (Dispute.objects.get().text, Task.objects.get(queue=label, person=live.annotator).state) == ("It is a car", "parked")

    lead = sign_in(live.manager)
    lead.goto(f"/p/{live.project.pk}/reviews")
    lead.get_by_role("link", name="1 dispute").click()
    lead.get_by_placeholder("What both are told").fill("Look at the wheels")
    lead.get_by_role("button", name="Uphold the return").click()
    lead.get_by_text("The return stands").wait_for()

    author.page.reload()
    author.page.wait_for_selector(".wb[data-phase=working]")
    banner = author.page.locator(".banner")
    assert "manager upheld the return: Look at the wheels" in banner.inner_text()
    assert banner.get_by_role("button").count() == 0
    assert judging.faults == [] and author.faults == []

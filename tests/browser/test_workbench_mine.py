"""D steps back through one's last answers: each is shown as it was given, and may be taken back until a reviewer has opened it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotate.queues.claim import next_task
from annotate.queues.services import create_queue
from tests.browser.bench import READY, Bench, press

pytestmark = pytest.mark.django_db(transaction=True)


def answer(bench: Bench, *boxes: tuple[tuple[float, float], tuple[float, float]]) -> int:
    item = bench.item
    for start, end in boxes:
        bench.drag(start, end)
    bench.press("f")
    bench.gone(item)
    bench.page.wait_for_selector(READY)
    return item


COUNT = """(canvas) => { const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height); let n = 0;
for (let i = 0; i < data.length; i += 4) if (data[i] === 0xde && data[i + 1] === 0x53 && data[i + 2] === 0x08) n++; return n; }"""


def test_each_answer_is_shown_with_its_objects_and_enter_takes_it_back(bench: Bench) -> None:
    first = answer(bench, ((5, 5), (20, 20)))
    second = answer(bench)
    page = bench.page
    bench.press("d")
    shown = page.locator(f"[data-answer='{second}']")
    shown.wait_for()
    assert shown.get_attribute("aria-label") == "Your answer: Objects: 0"
    assert shown.evaluate(COUNT) == 0
    press(page, "d")  # one further back
    shown = page.locator(f"[data-answer='{first}']")
    shown.wait_for()
    assert shown.get_attribute("aria-label") == "Your answer: 1 × car"
    assert shown.evaluate(COUNT) > 200
    press(page, "f")
    page.locator(f"[data-answer='{second}']").wait_for()
    press(page, "d")
    press(page, "Enter")
    page.wait_for_selector(f".wb[data-phase=working][data-item='{first}'] .canvas[data-picture=shown]")
    assert bench.rows == ["car"]
    assert bench.faults == []


def test_what_a_reviewer_has_opened_is_shown_and_why_it_stays_is_said(bench: Bench, world: Any) -> None:
    first = answer(bench, ((5, 5), (20, 20)))
    review = create_queue(world.project, "review", stage="review", by=world.actor(world.owner))
    assert next_task(review, world.actor(world.reviewer)).item_id == first
    here = bench.item
    bench.press("d")
    bench.page.locator(f"[data-answer='{first}']").wait_for()
    press(bench.page, "Enter")
    bench.page.get_by_text("It cannot be taken back: a reviewer has opened it.").wait_for()
    bench.press("Escape")
    assert bench.item == here


def test_among_frames_where_d_leads_to_the_frame_before_another_key_opens_it(sign_in: Any, world: Any, make_items: Callable[..., Any]) -> None:
    for number, item in enumerate(make_items(3), 1):
        item.group, item.frame = "clip", number
        item.save()
    clips = create_queue(world.project, "clips", stage="annotate", by=world.actor(world.owner))
    bench = Bench(sign_in(world.annotator), clips)
    bench.page.wait_for_selector(".strip[data-frames='3']")
    first = bench.item
    bench.press("Control+Enter")
    bench.gone(first)
    bench.page.wait_for_selector(READY)
    bench.press("Alt+d")
    bench.page.locator(f"[data-answer='{first}']").wait_for()

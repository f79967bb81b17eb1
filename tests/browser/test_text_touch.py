"""A text under a finger: taps on the first and the last word, and the selection of a long press."""

# ruff: noqa: F811  fixtures of another module
from __future__ import annotations

from typing import Any

import pytest

from tests.browser.text_bench import ENGLISH, TextBench, desk, expected, spans, texts  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)


def tap(bench: TextBench, words: str) -> None:
    x, y = bench.where(words)
    bench.page.touchscreen.tap(x + 3, y)
    bench.page.wait_for_timeout(60)


def test_tapping_the_first_and_the_last_word_selects_from_one_to_the_other(desk: Any) -> None:
    bench = desk(ENGLISH, "Next", has_touch=True)
    tap(bench, "New York")
    bench.page.get_by_text("Tap the last word, or a label").wait_for()
    tap(bench, "Company")
    bench.page.locator(".keys button", has_text="Company").tap()
    tap(bench, "Paris")
    bench.page.locator(".keys button", has_text="Place").tap()
    assert bench.marks == ["Company New York Times Company", "Place Paris"]
    tap(bench, "York")  # a mark is chosen, not begun anew
    assert bench.page.locator(".olist li.on .pick").inner_text().startswith("Company")
    assert spans(bench.submit()) == expected(ENGLISH, ("company", "New York Times Company"), ("place", "Paris"))
    assert bench.faults == []


def test_with_a_label_in_the_hand_two_taps_mark(desk: Any) -> None:
    bench = desk(ENGLISH, has_touch=True)
    bench.page.locator(".keys button", has_text="Person").tap()
    tap(bench, "Müller")
    tap(bench, "Anna")  # backwards too
    assert bench.marks == ["Person Anna Müller"]
    tap(bench, "Paris")
    tap(bench, "Paris")
    assert bench.marks == ["Person Anna Müller", "Person Paris"]
    assert bench.faults == []


def test_the_selection_of_a_long_press_and_its_handles_become_a_span(desk: Any) -> None:
    bench = desk(ENGLISH, has_touch=True)
    touch = bench.page.context.new_cdp_session(bench.page)
    x, y = bench.where("Müller")
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x + 6, "y": y}]})
    bench.page.wait_for_timeout(900)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    bench.page.wait_for_timeout(100)
    print("after the long press:", bench.page.evaluate("String(getSelection())"))
    # The handles are the system's, which is not there without a screen: they move the native selection like this.
    bench.page.evaluate(
        """() => { const words = document.querySelector(".words").firstChild, at = words.data.indexOf("Müller");
            getSelection().setBaseAndExtent(words, at + 2, words, at + 9);
            getSelection().setBaseAndExtent(words, at + 2, words, words.data.indexOf("works") + 3); }"""
    )
    bench.page.wait_for_timeout(700)
    bench.page.locator(".keys button", has_text="Person").tap()
    assert bench.marks == ["Person Müller works"]
    assert bench.faults == []

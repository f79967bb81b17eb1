"""Very long paragraphs: drawn in parts that a reader cannot see, and lists of thousands of spans."""

# ruff: noqa: F811  fixtures of another module
from __future__ import annotations

from typing import Any

import pytest

from tests.browser.text_bench import TextBench, desk, expected, spans, texts  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)
# Where lines begin, as the parts are drawn, and as one element of the whole text would break.
LINES = """
() => {
  const starts = (words, offset) => {
    const node = words.firstChild, found = [], range = document.createRange();
    let last = -1e9;
    for (let at = 0; at < node.length; at++) {
      if (at && /[\\udc00-\\udfff]/.test(node.data[at])) continue;
      range.setStart(node, at); range.setEnd(node, at + 1);
      const rects = range.getClientRects(), top = rects[rects.length - 1]?.top;
      if (top === undefined || top - last < 10) continue;
      last = top; found.push(offset + at);
    }
    return found;
  };
  const parts = [...document.querySelectorAll(".para .words")];
  let offset = 0;
  const drawn = parts.flatMap((words) => { const found = starts(words, offset); offset += words.firstChild.length; return found; });
  const whole = parts[0].cloneNode(true);
  whole.textContent = parts.map((words) => words.textContent).join("");
  document.querySelector(".prose").append(whole);
  const wanted = starts(whole, 0);
  whole.remove();
  return {drawn, wanted, parts: parts.length, directions: [...new Set(parts.map((words) => getComputedStyle(words).direction))]};
}
"""
KINDS = {
    "english": "Anna Müller works for the New York Times Company in Paris 👍 and so on. " * 120,
    "chinese": "台湾由游戏橘子运营，张三在北京大学工作😀。" * 400,
    "hebrew": "ולד 12 שלום עולם works for ACME היום " * 200,
    "unbroken": "x" * 9000,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_very_long_paragraph_breaks_its_lines_as_if_it_were_one(desk: Any, kind: str) -> None:
    bench = desk(KINDS[kind])
    for width in (1440, 1024):
        bench.page.set_viewport_size({"width": width, "height": 800})
        bench.page.wait_for_timeout(300)
        found = bench.page.evaluate(LINES)
        assert found["parts"] > 2 and found["drawn"] == found["wanted"]
        assert found["directions"] == ["rtl" if kind == "hebrew" else "ltr"]
    assert bench.faults == []


def test_a_span_over_the_seam_of_two_parts_is_one(desk: Any) -> None:
    text = KINDS["english"]
    bench = desk(text, "Next")
    seam = bench.page.evaluate("[...document.querySelector('.words').textContent].length")
    bench.page.evaluate(
        """() => { const [a, b] = document.querySelectorAll(".words"); b.scrollIntoView({block: "center"});
            getSelection().setBaseAndExtent(a.firstChild, a.firstChild.length - 3, b.firstChild, 2);
            for (const kind of ["mousedown", "mouseup"]) b.dispatchEvent(new MouseEvent(kind, {bubbles: true})); }"""
    )
    bench.page.wait_for_timeout(60)
    bench.press("1")
    assert bench.page.locator(".bar").count() == 2 and bench.page.locator(".spantag").count() == 1
    ((_, start, end, words),) = spans(bench.submit())
    assert text[start:end] == words and start < seam < end
    assert bench.faults == []


def test_the_list_of_many_spans_is_a_window_around_the_chosen_one(desk: Any) -> None:
    bench = desk("ab " * 200)
    bench.press("1")
    bench.page.evaluate(
        """async () => { for (let n = 0; n < 200; n++) {
            const words = document.querySelector(".words"), node = words.firstChild;
            getSelection().setBaseAndExtent(node, n * 3, node, n * 3 + 2);
            for (const kind of ["mousedown", "mouseup"]) words.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
            await new Promise((done) => setTimeout(done, 8)); } }"""
    )
    rows = bench.page.locator(".olist li:not(.more)")
    assert bench.page.locator("h2 .q").first.inner_text() == "200"
    assert rows.count() == 60 and bench.page.locator(".olist li.on").count() == 1
    bench.page.locator(".olist .more button", has_text="↑").click()
    assert rows.count() == 60 and bench.page.locator(".olist .more button", has_text="↓").count() == 1
    bench.press("Escape", "Control+Home", "Tab")
    assert rows.first.get_attribute("class") == "on"
    assert bench.page.locator(".olist .more button").all_inner_texts() == ["↓ 140 more"]
    assert bench.faults == []

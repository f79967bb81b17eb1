"""A whole text by the keyboard alone: spans, a relation, questions about the item, submit."""

# ruff: noqa: F811  fixtures of another module
from __future__ import annotations

from typing import Any

import pytest

from tests.browser.text_bench import SCHEMA, TextBench, desk, spans, texts  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Anna works for Acme in Paris."
ASKING = {
    **SCHEMA,
    "item": [
        {"name": "mood", "type": "choice", "options": ["good", "bad"], "required": True, "title": {"en": "Mood", "zh": "情绪"}},
        {"name": "topics", "type": "choice", "multiple": True, "options": ["work", "home"]},
        {"name": "note", "type": "text"},
        {"name": "year", "type": "number"},
    ],
}


def now(bench: TextBench) -> str | None:
    held = bench.page.locator(".at[data-now] > span").first
    return held.inner_text().removesuffix(" *") if held.count() else None


def test_a_document_is_labelled_and_submitted_by_keys_alone(desk: Any) -> None:
    bench = desk(TEXT, "Next", schema=ASKING)
    bench.page.locator(".reading").focus()
    bench.press("Control+Home", "Shift+ArrowRight", "1", "Escape")
    bench.press("Control+Home", "ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "2", "Escape")
    bench.press("Control+Home", "Tab", "r", "Tab", "Enter", "Escape")
    assert bench.marks == ["Person Anna", "works for Anna → Acme", "Company Acme"]
    bench.press("q")
    assert now(bench) == "Mood"
    assert "1 good, 2 bad" in bench.page.locator(".textfoot [role=status]").inner_text()
    bench.press("2")
    assert now(bench) == "topics"
    bench.press("1", "2", "q")
    assert bench.page.evaluate("document.activeElement.type") == "text"
    bench.page.keyboard.type("1 q 2")
    bench.press("Enter")
    bench.page.keyboard.type("1999")
    bench.press("Escape")
    assert now(bench) is None and bench.page.evaluate("document.activeElement.className") == "reading"
    bench.press("Control+End", "ArrowLeft", "ArrowLeft", "Shift+ArrowRight", "3")  # digits are labels again
    document = bench.submit()
    assert document["item"] == {"mood": "bad", "topics": ["work", "home"], "note": "1 q 2", "year": 1999}
    assert [(label, words) for label, _, _, words in spans(document)] == [("company", "Acme"), ("person", "Anna"), ("place", "Paris")]
    assert [one["label"] for one in document["objects"] if one["kind"] == "relation"] == ["works_for"]
    assert bench.faults == []


def test_the_last_single_answer_and_a_chosen_span_give_the_digits_back(desk: Any) -> None:
    bench = desk(TEXT, schema={**SCHEMA, "item": ASKING["item"][:1]})
    bench.press("q", "1")
    assert now(bench) is None
    bench.sweep("Paris")
    bench.press("3", "Escape", "q")
    assert now(bench) == "Mood"
    bench.press("Tab", "1")
    assert now(bench) is None and bench.marks == ["Person Paris"]
    assert bench.faults == []


def test_submit_without_a_required_answer_turns_to_its_question(desk: Any) -> None:
    bench = desk(TEXT, "Next", schema=ASKING)
    bench.press("Control+Enter")
    assert now(bench) == "Mood"
    bench.press("1", "Escape")
    assert bench.submit()["item"] == {"mood": "good"}
    assert bench.faults == []


def test_the_key_of_questions_stands_in_the_help(desk: Any) -> None:
    bench = desk(TEXT, schema=ASKING)
    bench.press("?")
    row = bench.page.locator(".sheet dl > div", has_text="Next question about the item")
    assert row.locator("kbd").first.inner_text() == "Q"

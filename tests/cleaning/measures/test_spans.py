"""Spans against their text, and where a reader's characters end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cleaning.documents import TEXT, measured, span
from workflows.cleaning.measures.spans import FINE, MISQUOTED, SPLIT, UNKNOWN, inside, misquoted

CHARACTERS = [
    "e\u0301", "\r\n", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2764\ufe0f\u200d\U0001f525", "\U0001f44b\U0001f3fd", "\U0001f1eb\U0001f1f7",
    "\u1100\u1161\u11a8", "\uac00\u11a8", "1\ufe0f\u20e3", "\u0915\u093f", "\u0e01\u0e33", "\U0001f3f4\U000e0067\U000e007f", "\u304b\u3099", "\uff76\uff9e", "a", "日", "，",
]  # fmt: skip


@pytest.mark.parametrize("character", CHARACTERS)
def test_no_span_may_end_inside_a_character(character: str) -> None:
    text = f"x{character}y"
    for place in range(len(text) + 1):
        assert inside(text, place) == (1 < place < len(text) - 1), place


@given(st.lists(st.sampled_from(CHARACTERS), max_size=8))
def test_between_characters_a_span_may_end(characters: list[str]) -> None:
    text = " ".join(characters)
    place = 0
    for character in characters:
        assert not inside(text, place) and not inside(text, place + len(character))
        place += len(character) + 1


def test_flags_pair_from_the_left() -> None:
    flags = "\U0001f1eb\U0001f1f7\U0001f1e9\U0001f1ea"
    assert [inside(flags, place) for place in range(5)] == [False, True, False, True, False]


def test_halves_of_a_surrogate_pair_are_one_character() -> None:
    assert inside("a\ud83d\ude00b", 2) and not inside("a\ud83d\ude00b", 1)


@given(st.text(max_size=12), st.integers(-1, 14))
def test_any_place_of_any_text_can_be_asked_about(text: str, place: int) -> None:
    assert inside(text, place) in (True, False)


def test_a_quote_is_what_stands_there() -> None:
    assert misquoted(span(0, 4, text="Café"), TEXT) == FINE
    assert misquoted(span(0, 4, text="Cafe"), TEXT) == MISQUOTED
    assert misquoted(span(0, 4), TEXT) == FINE
    assert misquoted(span(0, len(TEXT) + 1), TEXT) == MISQUOTED
    assert misquoted(span(4, 6), TEXT) == SPLIT
    assert misquoted(span(0, 4, text="Cafe"), None) == UNKNOWN


def test_the_five_bad_answers_of_a_reading_corpus_are_told(data: Any) -> None:
    corpus = json.loads((data("cmrc2018_zh_spans") / "cmrc2018_trial.json").read_text())
    wrong = total = 0
    for paragraph in (paragraph for article in corpus["data"] for paragraph in article["paragraphs"]):
        answers = [answer for question in paragraph["qas"] for answer in question["answers"]]
        spans = [span(answer["answer_start"], answer["answer_start"] + len(answer["text"]), text=answer["text"]) for answer in answers]
        found = measured(*spans, width=None, height=None, text=paragraph["context"])["misquoted"]
        assert (found != SPLIT).all()
        wrong, total = wrong + int((found == MISQUOTED).sum()), total + len(spans)
    assert (wrong, total) == (5, 1002)

"""Rules on single texts: what they catch in real ones, counted another way too; that a worse text never scores as better."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.texts_at_hand import caught, chinese, columns, questions, requests, reviews, tweets, verdict

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=7), min_size=1, max_size=15)
Find = Callable[[str], Path]


def test_an_item_without_a_text_is_neither_caught_nor_passed() -> None:
    given = columns(["", "one two three", None])
    for name in ("empty_text", "too_short", "too_long", "few_words", "odd_words", "symbols", "repetition", "broken_encoding", "personal_data", "near_duplicate_text", "exact_duplicate_text"):
        found = verdict(name, given)
        assert np.isnan(found.scores[2]) and not found.caught[2], name
    assert np.isnan(verdict("wrong_language", given, languages=["en"]).scores[2])


def test_texts_that_say_nothing_are_empty() -> None:
    assert caught("empty_text", ["", " \n\t\u3000", "…", "?!", "a", "5", "是", "😀", "★"]) == [0, 1, 2, 3]


def test_the_two_empty_questions_of_a_real_set(data: Find) -> None:
    asked = chinese(data("cmrc2018_zh_spans"))[1]
    assert caught("empty_text", asked) == [row for row, text in enumerate(asked) if not text.strip()] == [747, 808]


def test_short_and_long_texts_by_characters(data: Find) -> None:
    texts = chinese(data("cmrc2018_zh_spans"))[1] + requests(data("nlupp_hotels_slots"))
    given = columns(texts)
    assert caught("too_short", given) == [row for row, text in enumerate(texts) if len(text) < 10]
    assert len(caught("too_short", given)) == 84 + 24
    assert caught("too_long", given, threshold=80) == [row for row, text in enumerate(texts) if len(text) > 80]


def test_few_words_of_english_and_chinese(data: Find) -> None:
    asked = chinese(data("cmrc2018_zh_spans"))[1]
    assert len(caught("few_words", asked)) == 172
    texts = reviews(data("uci_sentiment_sentences"))
    plain = [row for row, text in enumerate(texts) if len(re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text)) < 10]
    assert caught("few_words", texts) == plain and len(plain) == 344


def test_odd_lengths_of_words() -> None:
    texts = ["a b c d e f", "AGCTTTTCATTCTGACTGCAACGGGCAATATGTCTCTGTGTGGATTAAAAAAAGAGTGTC", "plain words of a sentence", "用中文写的句子没有空格", "", "3 4 2 1 3"]
    assert caught("odd_words", texts) == [0, 1, 5]
    assert caught("odd_words", texts, least=0, most=5) == [1]


def test_symbols_catch_tables_and_drawings_not_language(data: Find) -> None:
    texts = ["+----+----+ | a | b |", "¯\\_(ツ)_/¯ ★★★★☆", "x = {y: [1, 2]} # fine", "“Quoted” – and (bracketed), isn’t it?", "标点，很多；但是：正常！"]
    assert caught("symbols", texts) == [0, 1]
    assert caught("symbols", tweets(data("wnut17_ner"))[:1000]) == []


def test_repetition_in_real_texts(data: Find) -> None:
    """The tweets read by eye: one line said again and again, and a row of exclamation marks; the paragraphs are lists of the same titles."""
    texts = tweets(data("wnut17_ner"))
    found = caught("repetition", texts[:1700], threshold=0.3)
    assert [texts[row][:20] for row in found] == ["every day I see my d", "ALL TIME LOW ARE COM"]
    paragraphs = chinese(data("cmrc2018_zh_spans"))[0]
    assert [paragraphs[row][:8] for row in caught("repetition", paragraphs)] == ["蒋巨峰（），浙江", "参加2008年北", "自在奥义书（IA"]


def test_tweets_in_other_languages_are_caught(data: Find) -> None:
    """Read by eye: all that are told with 0.9 are Dutch, Portuguese, Tagalog, German or French."""
    given = columns(tweets(data("wnut17_ner")))
    found = caught("wrong_language", given, languages=["en"], threshold=0.9)
    assert len(found) == 36 and set(given["language"][found]) == {"nl", "pt", "tl", "de", "fr"}
    assert set(found) <= set(caught("wrong_language", given, languages=["en"]))
    assert caught("wrong_language", given, languages=["en", "nl", "PT", "tl", "de-DE", "fr_FR"], threshold=0.9) == []


def test_two_languages_in_one_set_are_parted(data: Find) -> None:
    asked = chinese(data("cmrc2018_zh_spans"))[1][:150]
    mixed = questions(data("banking77_intents"), 150) + asked
    assert caught("wrong_language", mixed, languages=["zh-Hans"]) and set(caught("wrong_language", mixed, languages=["zh-Hans"])) <= set(range(150))
    found = caught("wrong_language", mixed, languages=["en"])
    assert set(found) <= set(range(150, 300)) and len(found) >= 148


def test_nothing_is_said_of_a_language_that_cannot_be_told() -> None:
    found = verdict("wrong_language", ["12345", "ok", "Das ist ein Haus am See."], languages=["en"])
    assert np.isnan(found.scores[:2]).all() and found.caught.tolist() == [False, False, True] and found.details["language"][2] == "de"


def test_telephones_in_tweets(data: Find) -> None:
    """Looked for by a pattern of ten digits with spaces or hyphens, and read: four that ask to be called."""
    texts = tweets(data("wnut17_ner"))
    given = columns(texts)
    plain = [row for row, text in enumerate(texts) if re.search(r"(?<!\d)\d{3}[- ]\d{3}[- ]\d{4}(?!\d)", text)]
    assert caught("personal_data", given) == plain and len(plain) == 4
    assert caught("personal_data", given, phone=False) == []


def test_only_the_kinds_that_are_asked_for_count() -> None:
    texts = ["a@b.org from 10.1.2.3", "call +14155552671", "nothing"]
    found = verdict("personal_data", texts)
    assert found.scores.tolist() == [2, 1, 0] and found.details["found"].tolist() == ["email, ip", "phone", ""]
    assert verdict("personal_data", texts, email=False).details["found"].tolist() == ["ip", "phone", ""]


def test_broken_encodings_by_how_many_signs_there_are() -> None:
    texts = ["sound – é", "cafÃ©", "cafÃ© l’Ã©tÃ©"]
    assert caught("broken_encoding", texts) == [1, 2]
    assert caught("broken_encoding", texts, threshold=1) == [2]


@given(WORDS, st.integers(1, 5))
@settings(max_examples=40)
def test_a_worse_text_never_scores_better(words: list[str], more: int) -> None:
    text = " ".join(words)
    ladders = {
        "too_short": ([text, text[: -min(more, len(text))]], -1),
        "too_long": ([text, text + "x" * more], 1),
        "few_words": ([text, " ".join(words[:-1])], -1),
        "symbols": ([text, text + "#" * more], 1),
        "repetition": ([" ".join(words * more), " ".join(words * (more + 1))], 1),
        "broken_encoding": ([text, text + "\ufffd" * more], 1),
        "personal_data": ([text, f"{text} a@b.org"], 1),
    }
    for name, (rungs, way) in ladders.items():
        scores = verdict(name, rungs).scores
        assert way * (scores[1] - scores[0]) >= -1e-12, name


@pytest.mark.parametrize("name", ["too_short", "too_long", "few_words", "symbols", "repetition", "broken_encoding"])
def test_no_rows_are_no_trouble(name: str) -> None:
    assert caught(name, []) == []

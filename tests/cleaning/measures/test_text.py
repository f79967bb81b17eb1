"""Facts of texts: counts that people can check, no text that breaks a measure, time that grows with the length."""

from __future__ import annotations

import hashlib
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.texts_at_hand import chinese, tweets
from workflows.cleaning.measures.text import measure

PLAIN = st.text(st.characters(codec="ascii", categories=("Ll", "Nd")), min_size=1, max_size=12)


def test_english_words_are_runs_with_their_apostrophes_and_hyphens() -> None:
    found = measure("Don't re-enter: the card (2nd) isn’t yours!")
    assert (found.words, found.characters) == (7, 43)
    assert found.mean_word == pytest.approx((5 + 8 + 3 + 4 + 3 + 5 + 5) / 7)


def test_chinese_words_are_characters_and_their_length_is_not_judged() -> None:
    found = measure("我用 iPhone15 拍照，很好。")
    assert (found.words, found.mean_word) == (7, None)
    assert measure("東京に行きました。").words == 8


def test_marks_belong_to_the_letter_they_stand_on() -> None:
    assert measure("สวัสดี").words == 4 and measure("हिन्दी भाषा").words == 2 and measure("cafe\u0301 noir").mean_word == 4


def test_an_empty_text_has_no_facts_but_zeros() -> None:
    found = measure("")
    assert found.bands == (0,) * 14 and found.normal == 0 and found.mean_word is None and found.language == ""
    assert (found.characters, found.words, found.symbols, found.repeated, found.language_score, found.personal, found.broken) == (0, 0, 0.0, 0.0, 0.0, 0, 0)


def test_symbols_are_the_share_of_what_is_not_language() -> None:
    assert measure("{a: b}, [c] = 1; // ok?").symbols == pytest.approx(3 / 23)
    assert measure("“Yes,” she said… (No—never!) 「好」、是。").symbols == 0
    assert measure("★★★☆☆ #1").symbols == pytest.approx(6 / 8)


def test_a_measure_is_the_same_on_every_machine() -> None:
    found = measure("The quick brown fox jumps over the lazy dog. 敏捷的棕色狐狸")
    digest = hashlib.sha256("thequickbrownfoxjumpsoverthelazydog敏捷的棕色狐狸".encode("utf-32-le")).digest()
    assert found.normal == int.from_bytes(digest[:8], "big")
    assert (found.bands[0], found.bands[13]) == (0xCFEE9A4DE39D70F0, 0x6D2CF8E7122F7558)


def test_the_normal_form_counted_by_hand(data: Callable[[str], Path]) -> None:
    """The digest tells as many tweets apart as a plain reading of the rule, character by character."""
    texts = tweets(data("wnut17_ner"))[:1000]
    plain = {
        "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c)[0] not in "PZC" and not "\ufe00" <= c <= "\ufe0f") for text in texts
    }
    assert len({measure(text).normal for text in texts}) == len(plain) == 968


@given(st.lists(PLAIN, min_size=1, max_size=12), st.sampled_from([" ", "  ", "\n", ", ", " - ", "\u3000", "。", "…"]), st.booleans())
@settings(max_examples=50)
def test_the_normal_form_knows_no_case_width_space_or_punctuation(words: list[str], between: str, wide: bool) -> None:
    other = between.join(words).upper() + between
    if wide:
        other = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in other)
    assert measure(other).normal == measure(" ".join(words)).normal


def test_the_normal_form_tells_symbols_apart() -> None:
    assert len({measure(text).normal for text in ("€5", "£5", "5", "C++ 5", "😀", "😡")}) == 6
    assert measure("?!").normal == measure("。。").normal == 0


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=150)
def test_no_text_breaks_a_measure(text: str) -> None:
    """Whatever Unicode has: halves of surrogate pairs, noncharacters, controls."""
    found = measure(text)
    assert found.characters == len(text) and 0 <= found.symbols <= 1 and 0 <= found.repeated <= 1 and 0 <= found.language_score <= 1
    assert len(found.bands) == 14 and all(0 <= band < 2**64 for band in found.bands) and 0 <= found.normal < 2**64 and found.broken >= 0


@given(st.lists(PLAIN, min_size=1, max_size=30), st.integers(1, 40))
@settings(max_examples=40)
def test_more_symbols_give_a_higher_share(words: list[str], more: int) -> None:
    shares = [measure(" ".join(words) + "#" * count).symbols for count in (0, more, more + 1)]
    assert shares[0] == 0 < shares[1] < shares[2]


@pytest.mark.parametrize("text", ["a" * 400_000, "a@" * 200_000, "1." * 200_000, "1-" * 200_000, "f:" * 200_000, "Ã©" * 200_000, "é" * 400_000, "+1 " * 130_000, "好" * 400_000])
def test_no_text_makes_a_measure_slow(text: str) -> None:
    """A tenth of the largest text; a measure whose time grew with the square of the length would take minutes."""
    measure("once, 好: what is loaded at first use is not counted")
    begun = time.process_time()
    measure(text)
    assert time.process_time() - begun < 2


def test_short_texts_are_measured_fast(data: Callable[[str], Path]) -> None:
    """1,000 a second is the least on a busy machine; 3,000 are usual."""
    texts = chinese(data("cmrc2018_zh_spans"))[1][:400]
    measure(texts[0])
    begun = time.process_time()
    for text in texts:
        measure(text)
    assert len(texts) / (time.process_time() - begun) > 1000

"""Repetition: what stands there again, and more of it never counts less."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.cleaning.measures.text import measure

SENTENCE = "the order has not arrived and nobody answers the phone"


@pytest.mark.parametrize(
    ("text", "share"),
    [
        (SENTENCE, 0),
        (f"{SENTENCE} {SENTENCE}", 1 / 2),
        (f"{SENTENCE}. {SENTENCE.upper()}! {SENTENCE}", 2 / 3),
        ("a" * 20, 19 / 20),
        ("So good!!!!!!!!", 7 / 15),
        ("hahahaha", 6 / 8),
        ("wait...", 0),
        ("cooool", 0),
        ("no no", 0),
        ("非常好非常好非常好非常好", 9 / 12),
        ("1\n\n\n\n\n\n\n2", 0),
        ("", 0),
    ],
)
def test_shares_that_can_be_counted(text: str, share: float) -> None:
    assert measure(text).repeated == pytest.approx(share)


def test_ten_characters_of_chinese_make_a_stretch() -> None:
    text = "现任十二届全国人大环境与资源保护委员会副主任委员"
    assert measure(f"他{text}，曾{text}。").repeated == pytest.approx(len(text) / (2 * len(text) + 2))


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=7), min_size=1, max_size=15), st.integers(1, 6))
@settings(max_examples=60)
def test_saying_it_once_more_never_lowers_the_share(words: list[str], times: int) -> None:
    less, more = (measure(" ".join(words * count)).repeated for count in (times, times + 1))
    assert more >= less - 1e-12

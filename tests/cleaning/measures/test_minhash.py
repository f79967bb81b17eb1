"""Bands of texts meet as often as the law of MinHash says."""

from __future__ import annotations

import numpy as np
import pytest

from workflows.cleaning.measures.minhash import BANDS, ROWS, bands
from workflows.cleaning.measures.text import measure
from workflows.cleaning.measures.words import mix, words_of


@pytest.mark.parametrize("shared", [140, 170, 190, 196])
def test_a_band_is_shared_as_often_as_the_eighth_power_of_the_likeness(shared: int) -> None:
    """Two sets of 200 random stretches with `shared` in common: similarity shared / (400 - shared)."""
    random = np.random.default_rng(shared)
    trials, met = 150, 0
    for _ in range(trials):
        words = random.integers(0, 2**63, 204 * 2, dtype=np.uint64)
        # The first `shared` stretches of five come from the same words in both.
        one, other = words[:204], np.concatenate([words[: shared + 4], words[204 : 204 + 200 - shared]])
        met += sum(a == b for a, b in zip(bands(one), bands(other), strict=True))
    expected = (shared / (400 - shared)) ** ROWS
    spread = (expected * (1 - expected) / (trials * BANDS / 4)) ** 0.5  # bands of one pair are not quite independent: a quarter of the trials counts
    assert abs(met / (trials * BANDS) - expected) < 4 * spread + 0.003


def test_bands_know_no_order_of_sentences_that_share_their_stretches_and_no_punctuation() -> None:
    text = "one two three four five six seven eight nine ten"
    assert measure(text).bands == measure(text.upper().replace(" ", ", ") + "!").bands
    assert measure(text + " " + text).bands != measure(text).bands


def test_texts_of_less_than_five_words_meet_only_when_equal() -> None:
    assert measure("Thank you").bands == measure("thank you!").bands
    assert not set(measure("Thank you").bands) & set(measure("thank you all").bands)


def test_chinese_texts_meet_by_five_characters() -> None:
    text = "中华人民共和国位于亚洲东部，太平洋西岸，是工人阶级领导的、以工农联盟为基础的人民民主专政的社会主义国家。首都是北京。"
    assert len(set(measure(text).bands) & set(measure(text.replace("。首都", "！首都") + "啊").bands)) >= 8
    assert not set(measure(text).bands) & set(measure(text[::-1]).bands)


def test_a_long_text_is_hashed_in_parts_to_the_same_bands() -> None:
    words = mix(np.arange(5000, dtype=np.uint64))
    doubled = np.concatenate([words, words[:4999]])
    assert sum(a == b for a, b in zip(bands(words), bands(doubled), strict=True)) >= 12


def test_hashes_of_words_do_not_collide() -> None:
    found = words_of(" ".join(f"{a}{b}{c}" for a in "abcdefghij" for b in "klmnopqrst" for c in range(100)))
    assert len(np.unique(found.hashes)) == 10_000

"""Duplicates of texts: groups with a keeper, the same whichever threshold is dragged, in real texts as a plain count finds them."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.texts_at_hand import caught, columns, questions, requests, reviews, tweets, verdict
from workflows.cleaning.measures.links import ALL_PAIRS, equal_pairs, fall, keepers

Find = Callable[[str], Path]


def plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c)[0] not in "PZC")


def grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.lower())
    return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))} if words else set()


def test_the_first_of_equal_texts_is_kept() -> None:
    texts = ["Good food!", "other", "good  FOOD", "", "Ｇｏｏｄ，food", "。", None]
    found = verdict("exact_duplicate_text", texts)
    assert found.caught.tolist() == [False, False, True, False, True, False, False]
    assert found.partners is not None and found.partners.tolist() == [-1, -1, 0, -1, 0, -1, -1]
    assert found.details["copies"].tolist() == [3, 1, 3, 0, 3, 0, 0]


def test_equal_texts_in_real_sets(data: Find) -> None:
    """Also counted plainly: of 121 tweets 103 are the same to the character."""
    sets = [
        (121, tweets(data("wnut17_ner"))),
        (2, questions(data("banking77_intents"), 1500)),
        (2, requests(data("nlupp_hotels_slots"))),
        (0, reviews(data("uci_sentiment_sentences"))),
    ]
    for count, texts in sets:
        counted = sum(times - 1 for form, times in Counter(map(plain, texts)).items() if form)
        assert len(caught("exact_duplicate_text", texts)) == counted == count


def test_near_texts_in_tweets_are_those_that_share_most_stretches(data: Find) -> None:
    """Beside all pairs whose sets of five words are 0.8 alike, counted one by one: each is in a group; nothing is caught that shares less than half."""
    texts = tweets(data("wnut17_ner"))
    found = verdict("near_duplicate_text", texts)
    assert found.partners is not None and int(found.caught.sum()) == 117
    sets = [grams(text) for text in texts]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, stretches in enumerate(sets):
        for stretch in stretches:
            holders[stretch].append(row)
    pairs = {pair for rows in holders.values() for pair in combinations(rows, 2)}
    alike = [pair for pair in pairs if len(sets[pair[0]] & sets[pair[1]]) >= 0.8 * len(sets[pair[0]] | sets[pair[1]])]
    assert len(alike) == 137
    group = np.where(found.caught, found.partners, np.arange(len(texts)))
    assert all(group[one] == group[other] for one, other in alike)
    for row in np.flatnonzero(found.caught):
        other = found.partners[row]
        assert len(sets[row] & sets[other]) / len(sets[row] | sets[other]) > 0.5


def test_the_longest_of_a_group_is_kept() -> None:
    text = "I want to reactivate my card because I thought that I had lost it but I found it again in my jacket"
    texts = [text, f"{text} today", "something else that is long enough to be a text of its own kind", f"{text} today", None]
    found = verdict("near_duplicate_text", texts)
    assert found.caught.tolist() == [True, False, False, True, False]
    assert found.partners is not None and found.partners.tolist() == [1, -1, -1, 1, -1]


def test_moving_the_threshold_needs_no_scores_anew(data: Find) -> None:
    """What is caught at a threshold is what scores above it, and every caught text points at one that is kept."""
    given = columns(tweets(data("wnut17_ner")))
    base = verdict("near_duplicate_text", given)
    for threshold in (0.75, 0.8, 0.9, 0.98):
        found = verdict("near_duplicate_text", given, threshold=threshold)
        assert np.array_equal(found.scores, base.scores, equal_nan=True) and found.partners is not None
        assert not found.caught[found.partners[found.caught]].any() and (found.partners[found.caught] >= 0).all()


@given(st.integers(2, 40).flatmap(lambda rows: st.tuples(st.just(rows), st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, rows - 1), st.integers(1, 5)), max_size=60), st.permutations(range(rows)))))
@settings(max_examples=80)
def test_groups_are_connected_and_keep_their_best(case: tuple[int, list[tuple[int, int, int]], list[int]]) -> None:
    """Against groups grown one pair at a time."""
    rows, pairs, order = case
    rank = np.array(order)
    left, right, likeness = (np.array([pair[at] for pair in pairs], np.int64) for at in range(3))
    scores = fall(left, right, likeness / 5, rank)
    for least in range(1, 6):
        over = likeness >= least
        group = {row: {row} for row in range(rows)}
        for one, other in zip(left[over], right[over], strict=True):
            merged = group[one] | group[other]
            for row in merged:
                group[row] = merged
        best = [min(group[row], key=lambda row: order[row]) for row in range(rows)]
        assert keepers(left[over], right[over], rank).tolist() == best
        assert (scores >= least / 5).tolist() == [row != best[row] for row in range(rows)]


def test_long_runs_of_equal_keys_stay_in_one_piece() -> None:
    keys = np.concatenate([np.full(ALL_PAIRS * 10, 7), np.full(3, 8), np.arange(100, 150)])
    left, right = equal_pairs(keys)
    assert len(left) == ALL_PAIRS * 10 - 1 + 3
    kept = keepers(left, right, np.arange(len(keys)))
    assert kept[: ALL_PAIRS * 10].tolist() == [0] * (ALL_PAIRS * 10) and len(set(kept.tolist())) == 52


def test_a_text_in_many_copies_costs_no_more_than_one() -> None:
    """100,000 rows, half of them one text, a tenth another with two bands in common with all of a template."""
    random = np.random.default_rng(5)
    bands = random.integers(1, 2**63, (100_000, 14), dtype=np.uint64)
    bands[:50_000] = bands[0]
    bands[50_000:60_000, 3:5] = 7
    begun = time.process_time()
    found = verdict("near_duplicate_text", {"bands": bands, "characters": np.ones(100_000)})
    assert time.process_time() - begun < 3
    assert int(found.caught.sum()) == 49_999 + 9_999 and found.partners is not None and set(found.partners[:60_000].tolist()) == {-1, 0, 50_000}

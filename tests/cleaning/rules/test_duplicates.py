"""Duplicates: the published groups, who is kept, among whom is compared, and frames that repeat."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleaning.rules.test_hamming import clustered
from tests.cleaning.rules.test_pictures import caught, columns, judge, measured
from workflows.cleaning.rules import near_duplicate

Data = Callable[[str], Path]
BASE = 0x0123456789ABCDEF


def ukbench(data: Data) -> tuple[list[str], dict[str, Any], dict[str, Any]]:
    """(names, columns, groups.json)"""
    folder = data("near_duplicates_ukbench")
    paths = sorted(path for path in folder.rglob("*.*") if path.suffix in (".jpg", ".jpeg", ".png"))
    facts = measured(paths)
    return [str(path.relative_to(folder)) for path in paths], facts, json.loads((folder / "groups.json").read_text())


def grouped(names: list[str], verdict: Any) -> list[list[str]]:
    """Keepers with those that point to them, in order."""
    groups: dict[int, list[str]] = {}
    for row in caught(verdict):
        keeper = int(verdict.partners[row])
        groups.setdefault(keeper, [names[keeper]]).append(names[row])
    return sorted(sorted(group) for group in groups.values())


@pytest.mark.parametrize("pixels", [True, False])
def test_the_seven_exact_groups_are_found(data: Data, pixels: bool) -> None:
    names, facts, groups = ukbench(data)
    verdict = judge("exact_duplicate", facts, pixels=pixels)
    assert grouped(names, verdict) == sorted(sorted(group) for group in groups["exact"])
    assert len(groups["exact"]) == 7
    first = min(row for row, name in enumerate(names) if name in groups["exact"][0])
    assert not verdict.caught[first] and verdict.scores[first] == 3


def test_the_scene_that_was_resized_and_turned_grey_is_one_near_group_and_the_only_one(data: Data) -> None:
    names, facts, groups = ukbench(data)
    copies = set(caught(judge("exact_duplicate", facts)))
    for bits in (3, 5, 11):
        verdict = judge("near_duplicate", facts, bits=bits)
        (group,) = grouped(names, verdict)
        assert group == sorted(groups["same_scene_near"][0])
        assert not copies & set(caught(verdict)) and np.isnan(verdict.scores[list(copies)]).all()
        assert max(verdict.details["distance"]) <= 2
        assert facts["width"][verdict.partners[caught(verdict)]].tolist() == [640] * 3  # never the small one


def test_the_false_png_is_found_and_no_other_name(data: Data) -> None:
    names, facts, _groups = ukbench(data)
    verdict = judge("wrong_extension", facts)
    assert [names[row] for row in caught(verdict)] == ["formats_images/ukbench09380.png"]
    assert [verdict.details[name][caught(verdict)[0]] for name in ("ending", "format")] == ["png", "JPEG"]


def test_corrupt_files_are_unreadable_and_nothing_else_is(data: Data) -> None:
    names, facts, groups = ukbench(data)
    assert sorted(names[row] for row in caught(judge("unreadable", facts))) == sorted(groups["unreadable"])


def test_equal_pixels_are_the_same_behind_other_bytes_only_when_asked() -> None:
    facts = columns(4, content=[5, 6, 5, 0], pixels=[9, 9, 9, 0])
    verdict = judge("exact_duplicate", facts)
    assert caught(verdict) == [1, 2] and verdict.partners.tolist() == [-1, 0, 0, -1]
    assert verdict.details["same"].tolist() == [None, "pixels", "bytes", None]
    assert verdict.scores[:3].tolist() == [3, 3, 3] and np.isnan(verdict.scores[3])
    assert caught(judge("exact_duplicate", facts, pixels=False)) == [2]


def test_texts_are_left_to_other_rules() -> None:
    facts = columns(3, content=5, format=["TEXT", "TEXT", "JPEG"], pixels=0)
    assert not caught(judge("exact_duplicate", facts))


def test_copies_count_among_their_own_when_asked() -> None:
    facts = columns(6, content=7, pixels=7, group=[1, 1, 2, 2, 0, 0], batch=[1, 2, 1, 2, 1, 2], phash=3)
    assert caught(judge("exact_duplicate", facts)) == [1, 2, 3, 4, 5]
    assert judge("exact_duplicate", facts, among="batch").partners.tolist() == [-1, -1, 0, 1, 0, 1]
    alone = judge("exact_duplicate", facts, among="group")
    assert caught(alone) == [1, 3] and np.isnan(alone.scores[4:]).all()
    near = columns(6, group=[1, 1, 2, 2, 0, 0], batch=[1, 2, 1, 2, 1, 2], phash=3)
    assert caught(judge("near_duplicate", near)) == [1, 2, 3, 4, 5]
    assert judge("near_duplicate", near, among="batch").partners.tolist() == [-1, -1, 0, 1, 0, 1]
    assert caught(judge("near_duplicate", near, among="group")) == [1, 3]


def test_the_largest_then_the_sharpest_then_the_first_is_kept() -> None:
    alike = {"phash": [BASE, BASE ^ 1, BASE ^ 3, BASE ^ 7]}
    verdict = judge("near_duplicate", columns(4, **alike, width=[640, 640, 640, 1280], blur=[0.1, 0.9, 0.5, 0.2]))
    assert verdict.partners.tolist() == [3, 3, 3, -1] and verdict.details["distance"].tolist() == [3, 2, 1, -1]
    assert judge("near_duplicate", columns(4, **alike, blur=[0.1, 0.9, 0.5, 0.2])).partners.tolist() == [1, -1, 1, 1]
    assert judge("near_duplicate", columns(4, **alike)).partners.tolist() == [-1, 0, 0, 0]


def test_a_chain_is_one_group_and_tells_how_far_its_ends_are_apart() -> None:
    verdict = judge("near_duplicate", columns(3, phash=[BASE, BASE ^ 0xF, BASE ^ 0xFF]))
    assert verdict.partners.tolist() == [-1, 0, 0] and verdict.details["distance"].tolist() == [-1, 4, 8]
    assert caught(judge("near_duplicate", columns(3, phash=[BASE, BASE ^ 0xF, BASE ^ 0xFF]), bits=4)) == []


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 10))
def test_scores_tell_what_any_other_line_would_catch(seed: int, n: int, bits: int) -> None:
    rng = np.random.default_rng(seed)
    facts = columns(n, phash=clustered(seed, n, 8, 6), blur=rng.random(n), width=rng.integers(1, 4, n) * 100)
    scores = judge("near_duplicate", facts, bits=bits).scores
    for other in range(1, near_duplicate.REACH + 2):
        assert caught(judge("near_duplicate", facts, bits=other)) == np.flatnonzero(scores < other).tolist()


def test_where_looking_further_takes_long_only_what_is_asked_for_is_looked_for() -> None:
    assert [near_duplicate._reach(n, 4) for n in (1000, 3_000_000)] == [near_duplicate.REACH, 4]
    assert near_duplicate._reach(3_000_000, 10) == 10


def test_fifty_thousand_black_frames_are_one_group() -> None:
    began = time.process_time()
    verdict = judge("near_duplicate", columns(50_000, phash=2**63))
    assert len(caught(verdict)) == 49_999 and not verdict.partners[1:].any()
    assert time.process_time() - began < 5


def test_frames_like_the_last_kept_are_caught_in_their_order() -> None:
    drift = [BASE ^ ((1 << n) - 1) for n in range(8)]  # each differs by one bit from the one before
    facts = columns(8, phash=drift, group=4, frame=np.arange(8))
    verdict = judge("similar_neighbours", facts, bits=3)
    assert caught(verdict) == [1, 2, 4, 5, 7] and verdict.partners.tolist() == [-1, 0, 0, -1, 3, 3, -1, 6]
    assert verdict.scores.tolist() == [np.inf, 1, 2, 3, 1, 2, 3, 1]
    backwards = judge("similar_neighbours", facts | {"frame": np.arange(8.0)[::-1]}, bits=3)
    assert caught(backwards) == [0, 2, 3, 5, 6]


def test_groups_do_not_reach_into_each_other_and_gaps_are_passed_over() -> None:
    facts = columns(6, phash=BASE, group=[1, 2, 1, 0, 2, 1], frame=[1, 1, 2, 1, np.nan, 3], blur=[0.5, 0.5, np.nan, 0.5, 0.5, 0.5])
    verdict = judge("similar_neighbours", facts)
    assert verdict.partners.tolist() == [-1, -1, -1, -1, 1, 0]
    assert np.isnan(verdict.scores[[2, 3]]).all()

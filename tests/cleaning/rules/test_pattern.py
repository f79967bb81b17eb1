"""A team's own patterns: over keys and metadata, in linear time, wrong ones named."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.cleaning.texts_at_hand import verdict
from workflows.cleaning.rules import kinds
from workflows.cleaning.rules.pattern import check_pattern

KEYS = np.array(["day/cam_front.jpg", "day/cam_back.jpg", "night/CAM_FRONT.jpg", "夜/前.jpg"], object)


@pytest.mark.parametrize(
    ("pattern", "rows"),
    [("front", [0]), ("(?i)cam_front", [0, 2]), (r"^day/.*\.jpg$", [0, 1]), ("夜/.\\.jpg", [3]), (r"^\pL/", [3]), ("x", [])],
)
def test_keys_in_which_the_pattern_is_found(pattern: str, rows: list[int]) -> None:
    assert np.flatnonzero(verdict("pattern", {"key": KEYS}, pattern=pattern).caught).tolist() == rows
    left = np.flatnonzero(verdict("pattern", {"key": KEYS}, pattern=pattern, catch="differs").caught).tolist()
    assert left == [row for row in range(4) if row not in rows]


def test_metadata_that_is_not_there_is_neither_caught_nor_passed() -> None:
    kind = kinds()["pattern"]
    assert kind.needs(kind.defaults() | {"pattern": "a", "meta": "site"}) == ("meta.site",)
    for catch, caught in (("matches", [True, False, False]), ("differs", [False, False, True])):
        found = verdict("pattern", {"meta.site": np.array(["A12", None, "B"], object)}, pattern="^A[0-9]+$", meta="site", catch=catch)
        assert found.caught.tolist() == caught and np.isnan(found.scores[1])


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*b", "(x+x+)+y", "([a-z]+)*[0-9]", "(a?){40}a{40}$"])
def test_patterns_that_explode_elsewhere_are_linear(pattern: str) -> None:
    assert check_pattern(pattern) is None
    begun = time.process_time()
    verdict("pattern", {"key": np.array(["a" * 100_000 + "!", "x" * 100_000], object)}, pattern=pattern)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("pattern", ["(", "[z-a]", "(?=a)", r"(a)\1", "a{2000}", "(a{1000}){1000}", "*a", "\\", "\ud800"])
def test_what_is_no_pattern_is_said(pattern: str) -> None:
    assert check_pattern(pattern)


def test_the_mend_is_named_for_what_re2_does_not_know() -> None:
    assert "look-around" in check_pattern("(?<!a)b") and "references back" in check_pattern(r"(a)\1")
    assert "missing )" in check_pattern("(a")

"""The interval against published values, and what holds of it always."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.rounds.wilson import interval, least


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (1, 10, 0.0179, 0.4042),
        # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(hits: int, of: int, low: float, high: float) -> None:
    assert interval(hits, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_share_lies_within_and_the_mirror_image_is_the_same(seen: tuple[int, int]) -> None:
    hits, of = seen
    low, high = interval(hits, of)
    assert 0 <= low <= (hits / of if of else 0.5) <= high <= 1
    assert interval(of - hits, of) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_what_is_no_count_is_refused() -> None:
    with pytest.raises(ValueError, match="hits"):
        interval(3, 2)


@given(st.floats(0.001, 0.9))
def test_the_least_sample_is_the_first_that_can_prove_a_rate(rate: float) -> None:
    number = least(rate)
    assert number is not None
    assert interval(0, number)[1] <= rate + 1e-9
    assert number == 1 or interval(0, number - 1)[1] > rate


def test_no_sample_proves_that_there_is_no_mistake() -> None:
    assert least(0) is None

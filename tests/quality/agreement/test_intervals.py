"""Intervals: of shares against printed ones, of measures by how often they hold the truth."""

from __future__ import annotations

import time

import numpy as np
import pytest

from workflows.quality.agreement import krippendorff, pairs
from workflows.quality.agreement.bootstrap import draws
from workflows.quality.agreement.intervals import beta, clopper, deviate, wilson
from workflows.quality.beta import below


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_printed(right: int, of: int, low: float, high: float) -> None:
    """The last four from R. G. Newcombe, Statistics in Medicine 17 (1998)."""
    assert wilson(right, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(("right", "of", "low", "high"), [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)])
def test_clopper_as_printed(right: int, of: int, low: float, high: float) -> None:
    assert clopper(right, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_nothing_seen_has_no_interval() -> None:
    assert wilson(0, 0) is None and clopper(0, 0) is None
    for wrong in ((2, 1), (-1, 3), (0, float("inf"))):
        with pytest.raises(ValueError, match="of"):
            wilson(*wrong)
    with pytest.raises(ValueError, match="level"):
        wilson(1, 2, 1.0)
    assert deviate() == pytest.approx(1.959964, abs=1e-6)


def test_beta_in_closed_form() -> None:
    assert beta(0, 0) == (pytest.approx(0.025, abs=1e-9), pytest.approx(0.975, abs=1e-9))
    assert below(0.3, 1, 5) == pytest.approx(1 - 0.7**5, abs=1e-12)
    assert below(0.3, 4, 1) == pytest.approx(0.3**4, abs=1e-12)
    assert below(0.5, 300, 300) == pytest.approx(0.5, abs=1e-12)
    assert below(0.2, 3, 4) == pytest.approx(sum(c * 0.2**k * 0.8 ** (6 - k) for k, c in ((3, 20), (4, 15), (5, 6), (6, 1))), abs=1e-12)
    low, high = beta(900_000, 100_000)
    assert low == pytest.approx(0.9 - 1.96 * 0.0003, abs=1e-5) and high == pytest.approx(0.9 + 1.96 * 0.0003, abs=1e-5)


def test_a_bootstrap_draws_units_with_replacement() -> None:
    for times in (np.array([3, 1, 6]), np.array([30_000, 10_000, 60_000])):
        drawn = np.concatenate(list(draws(times, 4000, 1)))
        units = times.sum()
        assert drawn.shape == (4000, 3) and (drawn.sum(axis=1) == units).all()
        share = times / units
        assert drawn.mean(axis=0) == pytest.approx(times, rel=0.05)
        assert drawn.var(axis=0) == pytest.approx(units * share * (1 - share), rel=0.12)


def test_a_bootstrap_holds_the_truth_about_as_often_as_it_says() -> None:
    """Two people who each are right in 85 of 100, on two labels as frequent: α is .7² = .49 of all units there could be."""
    chance = np.random.default_rng(11)
    held = {krippendorff.alpha: 0, pairs.kappa: 0}
    for trial in range(300):
        true = chance.random(150) < 0.5
        said = true[:, None] ^ (chance.random((150, 2)) < 0.15)
        for measure in held:
            found = measure(said, resamples=200, seed=trial)
            assert found.low is not None and found.high is not None
            held[measure] += found.low <= 0.49 <= found.high
    for times in held.values():
        assert 0.90 <= times / 300 <= 0.985


def test_units_that_belong_together_are_drawn_together() -> None:
    """Ten pictures of forty things, in each of which people agree on all or on hardly any: ten looks, not four hundred."""
    chance = np.random.default_rng(3)
    rows = [(person, (picture, thing), bool(chance.random() < 0.5) if picture % 2 else thing % 2) for picture in range(10) for thing in range(40) for person in "ab"]
    alone, together = krippendorff.alpha(rows), krippendorff.alpha(rows, block=lambda unit: unit[0])
    each = krippendorff.alpha(rows, block=lambda unit: unit)
    assert alone.value == together.value == each.value
    assert None not in (alone.low, alone.high, together.low, together.high, each.low, each.high)
    assert together.high - together.low > 1.8 * (alone.high - alone.low)  # type: ignore[operator]
    assert each.high - each.low == pytest.approx(alone.high - alone.low, rel=0.15)  # type: ignore[operator]


def test_agreement_in_full_is_no_more_certain_than_its_evidence() -> None:
    few = krippendorff.alpha([["a", "a"], ["b", "b"]] * 5)
    many = krippendorff.alpha([["a", "a"], ["b", "b"]] * 5000)
    assert few.value == few.high == many.value == 1.0
    assert few.low is not None and 0.2 < few.low < 0.6
    assert many.low is not None and 0.999 < many.low < 1
    rare = krippendorff.alpha([["a", "a"]] * 19 + [["b", "b"]])
    assert rare.low is not None and rare.low < 0
    assert pairs.percent([["a", "a"]] * 10).low == pytest.approx(0.7225, abs=5e-5)


def test_one_unit_has_a_value_and_no_interval() -> None:
    found = krippendorff.alpha([["a", "b", "a"]])
    assert found.value is not None and (found.low, found.high, found.why) == (None, None, "no_spread")
    found = krippendorff.alpha([["a", "b", "a"], ["b", "b", "a"]], resamples=0)
    assert (found.low, found.high, found.why) == (None, None, "")


def test_a_hundred_thousand_units_take_no_longer_than_a_blink() -> None:
    chance = np.random.default_rng(2)
    said = np.where(chance.random((100_000, 3)) < 0.8, chance.integers(0, 6, 100_000)[:, None], chance.integers(0, 6, (100_000, 3)))
    start = time.perf_counter()
    found = krippendorff.alpha(said)
    assert time.perf_counter() - start < 5
    assert found.low is not None and found.high is not None and found.high - found.low < 0.02

"""Skill with its uncertainty, and the pause that follows from it: people of known skill are simulated."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.quality.beta import below, quantile
from workflows.quality.matching.score import score
from workflows.quality.pausing import CAUGHT, WRONGLY, Rule, chances, standing
from workflows.quality.skill import attributes, by_label, counts, skill
from workflows.quality.truth.one_coin import one_coin

HORIZON = 200
PEOPLE = 400


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.001, 0.999))
@settings(max_examples=60, deadline=None)
def test_the_incomplete_beta_is_a_tail_of_the_binomial(a: int, b: int, x: float) -> None:
    n = a + b - 1
    assert below(x, a, b) == pytest.approx(sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1)), abs=1e-12)


@given(st.floats(0.05, 2000), st.floats(0.05, 2000), st.floats(0.001, 0.999))
@settings(max_examples=60, deadline=None)
def test_the_quantile_is_the_inverse_and_the_tails_add_up(a: float, b: float, share: float) -> None:
    x = quantile(share, a, b)
    assert below(x, a, b) + below(1 - x, b, a) == pytest.approx(1, abs=1e-9) or x > 1 - 1e-9
    if 1e-9 < x < 1 - 1e-9:
        assert below(x, a, b) == pytest.approx(share, abs=1e-6)


def test_values_that_tables_give() -> None:
    assert (quantile(0.025, 10, 2), quantile(0.975, 10, 2)) == pytest.approx((0.58722, 0.97717), abs=5e-6)  # 9 of 10 right
    assert below(0.3, 1, 1) == pytest.approx(0.3, abs=1e-15) and below(0.5, 0.5, 0.5) == pytest.approx(0.5, abs=1e-12)  # even; arcsine
    assert below(0.25, 0.5, 0.5) == pytest.approx(2 / math.pi * math.asin(0.5), abs=1e-12)
    assert (below(-1, 2, 3), below(2, 2, 3)) == (0, 1)
    with pytest.raises(ValueError, match="a and b must be above 0"):
        below(0.5, 0, 1)


def test_a_skill_tells_its_evidence_and_says_when_it_is_too_little() -> None:
    found = skill(9, 1)
    assert found.mean == pytest.approx(10 / 12) and found.enough
    assert (found.low, found.high) == pytest.approx((0.58722, 0.97717), abs=5e-6)
    assert found.below(0.8) == pytest.approx(below(0.8, 10, 2))
    few = skill(3, 0).explain()
    assert few["enough"] is False and few["mean"] is few["low"] is few["high"] is None and few["of"] == 3  # not 100 %
    assert not skill(5, 5).enough  # anything from .23 to .77
    assert json.dumps(found.explain())
    for bad in ({"right": -1, "wrong": 0}, {"right": 0, "wrong": 0, "level": 1}):
        with pytest.raises(ValueError, match="must be"):
            skill(**bad)  # type: ignore[arg-type]


def test_skill_by_label_counts_missing_extra_and_mistaken_ones_as_wrong() -> None:
    def box(x: float, label: str, **attributes: Any) -> dict[str, Any]:
        return {"id": f"{x}{label}", "kind": "box", "label": label, "box": [x, 0, 10, 10], "attributes": attributes}

    truth = {"objects": [box(0, "car", late=True), box(20, "car"), box(40, "car"), box(60, "bus")]}
    answer = {"objects": [box(0, "car", late=False), box(20, "car"), box(60, "car"), box(80, "bus")]}
    parts = score(truth, answer).parts
    assert counts([parts, parts]) == {"bus": (0, 4), "car": (4, 2)}  # a bus taken for a car and one in vain; a car missing
    assert attributes([parts, parts]) == {"car": {"late": (0, 2)}}
    assert {label: (one.right, one.wrong) for label, one in by_label([parts]).items()} == {"bus": (0, 2), "car": (2, 1)}


def outcomes(rate: float, people: int, golds: int, seed: int) -> list[list[float]]:
    """Whether each of so many people of one skill is right, gold item by gold item."""
    return (np.random.default_rng(seed).random((people, golds)) < rate).astype(float).tolist()


def test_the_estimate_comes_to_the_skill_as_evidence_grows_and_its_interval_holds_it() -> None:
    chance = np.random.default_rng(11)
    true = chance.beta(8, 2, size=PEOPLE)
    misses = []
    for golds in (5, 20, 80, 320):
        right = chance.binomial(golds, true)
        found = [skill(float(r), float(golds - r)) for r in right[:150]]
        misses.append(float(np.mean([abs(one.mean - rate) for one, rate in zip(found, true, strict=False)])))
        held = np.mean([one.low <= rate <= one.high for one, rate in zip(found, true, strict=False)])
        assert held > 0.9
    assert misses[0] > 1.5 * misses[1] > 1.5**2 * misses[2] > 1.5**3 * misses[3] and misses[3] < 0.02


def test_without_gold_the_estimate_comes_to_the_skill_too() -> None:
    chance = np.random.default_rng(5)
    true = chance.uniform(0.55, 0.95, size=30)
    misses = []
    for items in (40, 200, 1000):
        truth = chance.integers(0, 3, size=items)
        said = []
        for item in range(items):
            for person in chance.choice(30, size=6, replace=False):
                hit = chance.random() < true[person]
                said.append((int(person), item, int(truth[item] if hit else (truth[item] + chance.integers(1, 3)) % 3)))
        found = one_coin(said)
        misses.append(float(np.mean([abs(found.skills[person] - true[person]) for person in found.skills])))
    assert misses[0] > misses[1] > misses[2] and misses[2] < 0.03


@pytest.mark.parametrize(("rate", "within"), [(0.6, CAUGHT), (0.5, 20), (0.3, 12)])
def test_who_is_well_below_the_bar_is_caught_within_the_stated_number_of_gold_items(rate: float, within: int) -> None:
    assert chances(rate, within)[within] >= 0.95
    caught = [standing(row).state == "paused" for row in outcomes(rate, PEOPLE, within, 1)]
    assert np.mean(caught) > 0.95 - 0.03  # as simulations go
    assert chances(0.6, 12)[12] >= 0.5


def test_the_honest_are_wrongly_paused_at_most_at_the_stated_rate() -> None:
    assert chances(0.9, HORIZON)[HORIZON] == pytest.approx(0.0090, abs=5e-5) and chances(0.9, HORIZON)[HORIZON] <= WRONGLY
    assert chances(0.95, HORIZON)[HORIZON] < 4e-4
    assert chances(0.8, HORIZON)[HORIZON] == pytest.approx(0.30, abs=0.005)  # at the bar itself
    wrongly = [standing(row).state == "paused" for row in outcomes(0.9, PEOPLE, HORIZON, 2)]
    assert np.mean(wrongly) <= WRONGLY + 0.01


def test_of_those_paused_few_are_above_the_bar() -> None:
    rates = (np.arange(2000) + 0.5) / 2000  # as the prior says: all alike
    paused = np.array([chances(float(rate), 60)[60] for rate in rates[::20]])
    good = rates[::20] >= 0.8
    assert paused[good].sum() / paused.sum() <= 0.05


def test_the_reckoned_chance_is_that_of_the_simulation() -> None:
    rule = Rule(bar=0.7, level=0.9, least=5)
    rows = outcomes(0.65, 1000, 40, 4)
    for golds in (5, 15, 40):
        assert np.mean([standing(row[:golds], rule).state == "paused" for row in rows]) == pytest.approx(chances(0.65, golds, rule)[golds], abs=0.045)


def test_nobody_is_paused_on_too_little_evidence() -> None:
    assert standing([0] * 9).state == "not_enough"
    found = standing([0] * 15)
    assert (found.state, found.at, found.wrong) == ("paused", 10, 10)
    assert found.explain() == {
        "state": "paused", "right": 0, "wrong": 10, "of": 10, "chance_below": pytest.approx(1 - 0.2**11), "bar": 0.8, "level": 0.95, "least": 10, "at": 10,
    }  # fmt: skip
    assert standing([]).explain()["chance_below"] == pytest.approx(0.8)


def test_a_requalification_forgets_and_lifts_a_pause() -> None:
    assert standing([0] * 12 + [1] * 50).state == "paused"  # being right later does not lift it
    again = standing([0] * 12 + [None] + [1] * 12)
    assert (again.state, again.right, again.wrong) == ("working", 12, 0)
    assert standing([0] * 12 + [None] + [0] * 12).at == 10
    assert standing([1] * 12 + [None] + [1] * 3).state == "not_enough"


def test_parts_of_right_count_as_such() -> None:
    assert standing([0.5] * 8).right == 4 and standing([0.5] * 20, Rule(bar=0.4)).state == "working"
    with pytest.raises(ValueError, match=r"outcomes\[1\] must be 0 to 1"):
        standing([1, 2])
    for bad in ({"bar": 1}, {"level": 0}, {"least": 0}):
        with pytest.raises(ValueError, match="must be"):
            Rule(**bad)  # type: ignore[arg-type]

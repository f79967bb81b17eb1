"""What holds of every measure, on tables made up by chance; and the definitions, written down in the plainest way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.quality.agreement import krippendorff, many, pairs
from workflows.quality.agreement.distances import jaccard, masi
from workflows.quality.agreement.measured import Measured

quick = settings(max_examples=30, deadline=None)
Table = list[list[Any]]


def tables(people: st.SearchStrategy[int], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Table]:
    return people.flatmap(lambda wide: st.lists(st.lists(values, min_size=wide, max_size=wide), min_size=1, max_size=12))


gaps = tables(st.integers(2, 5), st.one_of(st.none(), st.integers(1, 4)))
whole = tables(st.integers(2, 5), st.integers(1, 4))
two = tables(st.just(2), st.integers(1, 4))
plain = partial(krippendorff.alpha, resamples=0)
BY_NAME: list[Callable[[Any], Measured]] = [partial(measure, resamples=0) for measure in (krippendorff.alpha, many.ac1, pairs.percent)]
OF_TWO: list[Callable[[Any], Measured]] = [partial(measure, resamples=0) for measure in (pairs.kappa, pairs.scott, pairs.bennett, pairs.greatest_kappa)]


def same(one: Measured, other: Measured) -> None:
    assert (one.units, one.ratings, one.why) == (other.units, other.ratings, other.why)
    assert one.value == (None if other.value is None else pytest.approx(other.value, abs=1e-12))


def by_definition(table: Table, distance: Callable[[int, int, Counter[int]], float]) -> float | None:
    """α from its matrix of coincidences, cell by cell."""
    met: Counter[tuple[int, int]] = Counter()
    for unit in table:
        said = [value for value in unit if value is not None]
        for one, other in permutations(said, 2):
            met[one, other] += 1 / (len(said) - 1)  # type: ignore[assignment]
    each: Counter[int] = Counter()
    for (one, _other), count in met.items():
        each[one] += count
    every = sum(each.values())
    if len(each) < 2:
        return None
    observed = sum(count * distance(one, other, each) for (one, other), count in met.items())
    expected = sum(each[one] * each[other] * distance(one, other, each) for one in each for other in each) / (every - 1)
    return 1 - observed / expected


def between(one: int, other: int, each: Counter[int]) -> float:
    low, high = min(one, other), max(one, other)
    return (sum(count for value, count in each.items() if low <= value <= high) - (each[one] + each[other]) / 2) ** 2


@quick
@given(gaps)
def test_alpha_is_its_definition(table: Table) -> None:
    distances: dict[str, Callable[[int, int, Counter[int]], float]] = {
        "nominal": lambda one, other, _each: one != other,
        "ordinal": between,
        "interval": lambda one, other, _each: (one - other) ** 2,
        "ratio": lambda one, other, _each: ((one - other) / (one + other)) ** 2,
    }
    for metric, distance in distances.items():
        expected = by_definition(table, distance)
        assert plain(table, metric).value == (None if expected is None else pytest.approx(expected, abs=1e-9))


@quick
@given(gaps, st.randoms(use_true_random=False))
def test_the_order_of_people_units_and_names_is_of_no_account(table: Table, chance: Any) -> None:
    mixed = [chance.sample(unit, len(unit)) for unit in chance.sample(table, len(table))]
    names = dict(zip((1, 2, 3, 4), chance.sample(["a", "b", "c", "d"], 4), strict=True))
    named = [[names.get(value) for value in unit] for unit in mixed]
    for measure in BY_NAME:
        same(measure(table), measure(mixed))
        same(measure(table), measure(named))
    for metric in ("ordinal", "interval", "ratio"):
        same(plain(table, metric), plain(mixed, metric))


@quick
@given(two, st.randoms(use_true_random=False))
def test_two_people_may_change_places(table: Table, chance: Any) -> None:
    names = dict(zip((1, 2, 3, 4), chance.sample(["a", "b", "c", "d"], 4), strict=True))
    turned = [[names[value] for value in unit[::-1]] for unit in chance.sample(table, len(table))]
    for measure in OF_TWO:
        same(measure(table), measure(turned))


@quick
@given(whole)
def test_who_agrees_in_full_has_one_if_there_is_more_than_one_category(table: Table) -> None:
    agreed = [[unit[0]] * len(unit) for unit in table]
    measures = [*BY_NAME, partial(many.fleiss, resamples=0), *(partial(plain, metric=metric) for metric in ("ordinal", "interval", "ratio"))]
    for measure in [*measures, *(OF_TWO if len(table[0]) == 2 else [])]:
        found = measure(agreed)
        if len({unit[0] for unit in table}) > 1 or getattr(measure, "func", None) is pairs.percent:
            assert found.value == pytest.approx(1.0, abs=1e-12)
        else:
            assert (found.value, found.why) == (None, "one_category")


@quick
@given(two)
def test_weights_of_names_make_kappa_and_ac1(table: Table) -> None:
    same(pairs.weighted_kappa(table, "identity", resamples=0), pairs.kappa(table, resamples=0))
    same(pairs.weighted_kappa(table, np.eye(4), categories=[1, 2, 3, 4], resamples=0), pairs.kappa(table, resamples=0))
    same(many.ac2(table, "identity", resamples=0), many.ac1(table, resamples=0))


@quick
@given(two)
def test_of_two_people_fleiss_is_scott_and_alpha_is_a_little_above(table: Table) -> None:
    same(many.fleiss(table, resamples=0), pairs.scott(table, resamples=0))
    pi = pairs.scott(table, resamples=0).value
    if pi is not None:
        assert plain(table).value == pytest.approx(pi + (1 - pi) / (2 * len(table)), abs=1e-12)


@quick
@given(two)
def test_kappa_is_never_above_the_greatest_there_is(table: Table) -> None:
    found, most = pairs.kappa(table, resamples=0).value, pairs.greatest_kappa(table, resamples=0).value
    assert found is None or (most is not None and found <= most + 1e-12)


@quick
@given(gaps)
def test_a_matrix_says_what_a_metric_says(table: Table) -> None:
    categories = [1, 2, 3, 4]
    squares = [[(one - other) ** 2 for other in categories] for one in categories]
    same(plain(table, squares, categories=categories), plain(table, "interval"))


@quick
@given(tables(st.integers(2, 4), st.one_of(st.none(), st.frozensets(st.sampled_from("abc")))))
def test_sets_of_one_are_names(table: Table) -> None:
    alone = [[None if value is None else min(value, default="d") for value in unit] for unit in table]
    same(plain([[value and [value] for value in unit] for unit in alone], "masi"), plain(alone))
    for unit in table:
        for one, other in permutations([value for value in unit if value is not None], 2):
            assert 0 <= jaccard(one, other) <= masi(one, other) <= 1
            assert (masi(one, other) == 0) == (one == other)


def test_masi_of_its_paper() -> None:
    one = frozenset("ab")
    assert [round(masi(one, frozenset(other)), 4) for other in ("ab", "abc", "bc", "c")] == [0.0, round(1 - 4 / 9, 4), round(1 - 1 / 9, 4), 1.0]


@settings(max_examples=20, deadline=None)
@given(gaps, st.integers(0, 3))
def test_an_interval_holds_its_value_and_comes_out_the_same(table: Table, seed: int) -> None:
    for measure in (krippendorff.alpha, many.ac1, pairs.percent, partial(krippendorff.alpha, metric="ordinal")):
        found = measure(table, resamples=50, seed=seed)  # type: ignore[operator]
        assert found == measure(table, resamples=50, seed=seed)  # type: ignore[operator]
        if found.low is not None:
            assert -1 <= found.low <= found.value <= found.high <= 1 + 1e-12

"""Splits that each get their share of every label, and keep what they have."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows.releases.stratifying import ITEMS, beyond, joined, places

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}
units = st.dictionaries(
    st.integers(-(2**63), 2**63 - 1),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 9), max_size=3),
    max_size=40,
)


def of(counts: dict[int, dict[str, int]]) -> dict[int, dict[str, int]]:
    return {unit: {**labels, ITEMS: 1} for unit, labels in counts.items()}


def sums(at: dict[int, str], counts: dict[int, dict[str, int]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {name: Counter() for name in SHARES}
    for unit, name in at.items():
        found[name].update(counts[unit])
    return found


def test_each_split_gets_its_share_of_common_and_of_rare_labels() -> None:
    counts = of({n * 7919 % 10007: ({"car": 1 + n % 5} | ({"bike": 1} if n % 50 == 0 else {})) for n in range(2000)})
    found = sums(places(counts, {}, SHARES), counts)
    assert beyond(found, SHARES, 0.01) == []
    assert found["val"]["bike"] == found["test"]["bike"] == 4


def test_by_hash_alone_the_rare_one_would_be_off() -> None:
    found = {"train": {"bike": 10}, "val": {"bike": 0}, "test": {}}
    assert [each["split"] for each in beyond(found, SHARES)] == ["train", "test", "val"]


@given(units, units, st.permutations(range(3)))
def test_the_same_units_get_the_same_places_in_whatever_order(one: Any, other: Any, order: list[int]) -> None:
    counts = of(one | other)
    names = list(counts)
    assert places(counts, {}, SHARES) == places({name: counts[name] for name in reversed(names)}, {}, SHARES)


@given(units, units)
def test_every_new_unit_has_a_place_around_what_is_there(old: Any, new: Any) -> None:
    first = places(of(old), {}, SHARES)
    later = {unit: counts for unit, counts in of(new).items() if unit not in first}
    found = places(later, sums(first, of(old)), SHARES)
    assert found.keys() == later.keys() and set(found.values()) <= set(SHARES)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=30))
def test_what_hangs_together_has_one_lead(links: list[tuple[int, int]]) -> None:
    found = joined(links)
    assert all(found[one] == found[other] for one, other in links)
    assert all(found[lead] == lead and lead <= unit for unit, lead in found.items())
    parts = {frozenset(unit for unit in found if found[unit] == lead) for lead in found.values()}
    assert all(not any((a in part) != (b in part) for a, b in links) for part in parts)

"""Splits keep groups together and do not move when data grows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.kernel.errors import Invalid
from workflows.releases.splits import USUAL, check, check_field, hashed, splitter, unit_of

names = st.text("abcdefgh/0123", max_size=8)
rows = st.lists(st.tuples(names, names), max_size=60)


def test_the_shares_come_out() -> None:
    split = splitter(USUAL)
    found = Counter(split(f"{n}.jpg", "") for n in range(20_000))
    assert {name: round(n / 20_000, 2) for name, n in found.items()} == pytest.approx(USUAL, abs=0.011)


@given(rows, rows, st.text(max_size=5))
def test_rows_that_come_later_move_nothing_and_no_group_is_split(before: Any, later: Any, salt: str) -> None:
    split = splitter(USUAL, salt=salt)
    placed = {row: split(*row) for row in before}
    for row in [*before, *later]:
        assert placed.setdefault(row, split(*row)) == split(*row)
    groups: dict[str, set[str]] = {}
    for (_key, group), name in placed.items():
        if group:
            groups.setdefault(group, set()).add(name)
    assert all(len(found) == 1 for found in groups.values())


@given(st.lists(names, max_size=40), st.text(max_size=5))
def test_many_units_at_once_are_placed_as_one_by_one(units: list[str], salt: str) -> None:
    split = splitter(USUAL, salt=salt)
    assert hashed([unit_of(unit, salt) for unit in units], USUAL) == [split(unit, "") for unit in units]


def test_another_salt_places_otherwise() -> None:
    one, other = splitter(USUAL, salt="a"), splitter(USUAL, salt="b")
    assert any(one(f"{n}", "") != other(f"{n}", "") for n in range(100))


def test_the_order_in_which_splits_are_named_does_not_count() -> None:
    one, other = splitter(USUAL), splitter(dict(reversed(USUAL.items())))
    assert all(one(f"{n}", "") == other(f"{n}", "") for n in range(200))


def test_thirds_are_taken() -> None:
    assert sum(check({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}).values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("splits", "path"),
    [
        ({"train": 0.8, "val": 0.1}, "splits"),
        ({"train": 1.2, "val": -0.2}, "splits.train"),
        ({"train": True}, "splits.train"),
        ({"train": "1"}, "splits.train"),
        ({"a/b": 1.0}, "splits.a/b"),
        ({"": 1.0}, "splits."),
        ({"..": 1.0}, "splits..."),
        ({f"s{n}": 1 / 11 for n in range(11)}, "splits"),
        ({"train": float("nan")}, "splits.train"),
    ],
)
def test_shares_that_cannot_be_are_refused_by_name(splits: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(splits)
    assert path in refused.value.fields


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"field": "key"}, "splits.field"),
        ({"field": "meta.split", "shares": {}}, "splits.shares"),
        ({"field": "meta.split", "values": {"a": "b/c"}}, "splits.values.a"),
        ({"field": "meta.split", "values": ["train"]}, "splits.values"),
        ({"field": "meta.split", "default": "../x"}, "splits.default"),
        ({"field": "meta.split", "values": {str(n): f"s{n}" for n in range(11)}}, "splits.values"),
    ],
)
def test_a_field_that_cannot_give_splits_is_refused_by_name(asked: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_field(asked)
    assert path in refused.value.fields

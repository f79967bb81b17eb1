"""Dividing work among people: the same for ever, true to the shares, frames together, nobody twice."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from workflows.assignment.shares import Piece, divide


def counted(out: dict[int, list[int]]) -> Counter[int]:
    return Counter(person for people in out.values() for person in people)


def test_an_even_division_differs_by_one_at_most() -> None:
    found = counted(divide([Piece(n) for n in range(1, 101)], dict.fromkeys((1, 2, 3), 1)))
    assert sorted(found.values()) == [33, 33, 34]


def test_shares_are_met() -> None:
    found = counted(divide([Piece(n) for n in range(1000)], {1: 50, 2: 30, 3: 20}))
    assert found == {1: 500, 2: 300, 3: 200}


def test_the_order_in_which_items_come_does_not_matter() -> None:
    pieces = [Piece(n) for n in range(200)]
    before = divide(pieces, {1: 2, 2: 1})
    random.Random(3).shuffle(pieces)
    assert divide(pieces, {2: 1, 1: 2}) == before


def test_the_ids_decide_so_neighbours_go_to_different_people() -> None:
    out = divide([Piece(n) for n in range(100)], {1: 1, 2: 1})
    first = [out[n][0] for n in range(20)]
    assert len(set(first)) == 2 and first != [1, 2] * 10


def test_frames_of_a_group_go_to_one_person() -> None:
    out = divide([Piece(n, group=f"clip {n % 5}") for n in range(50)], {1: 1, 2: 1})
    assert all(len({out[n][0] for n in range(50) if n % 5 == clip}) == 1 for clip in range(5))
    assert sorted(counted(out).values()) == [20, 30]


def test_several_answers_are_for_different_people() -> None:
    out = divide([Piece(n, free=2) for n in range(30)], {1: 1, 2: 1, 3: 1})
    assert all(len(set(people)) == 2 for people in out.values())
    assert set(counted(out).values()) == {20}


def test_who_is_barred_from_an_item_does_not_get_it_and_catches_up_elsewhere() -> None:
    pieces = [Piece(n, barred=frozenset({1}) if n < 40 else frozenset()) for n in range(100)]
    out = divide(pieces, {1: 1, 2: 1})
    assert all(out[n] == [2] for n in range(40))
    assert abs(counted(out)[1] - 50) <= 12


def test_more_answers_than_people_stay_open() -> None:
    assert divide([Piece(1, free=5)], {1: 1, 2: 1}) == {1: [1, 2]}
    assert divide([Piece(1)], {}) == {}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 120), st.integers(1, 3))
def test_everybody_gets_about_their_share_whatever_the_shares(weights: list[int], items: int, free: int) -> None:
    shares = dict(enumerate(weights, 1))
    out = divide([Piece(n, free=free) for n in range(items)], shares)
    assert all(len(people) == min(free, len(shares)) == len(set(people)) for people in out.values())
    if free == 1:
        found, total = counted(out), sum(weights)
        assert all(abs(found[person] - items * share / total) < 2 for person, share in shares.items())

"""Every near pair and no other, whatever the hashes are; many equal ones cost nothing."""

from __future__ import annotations

import time
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workflows.cleaning.rules import hamming
from workflows.cleaning.rules.hamming import joined, pairs

Hashes = NDArray[np.uint64]


def clustered(seed: int, n: int, centres: int, flips: int) -> Hashes:
    """Hashes around a few centres, many of them equal."""
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 2**64, centres, dtype=np.uint64)[rng.integers(0, centres, n)]
    for _ in range(flips):
        some = rng.random(n) < 0.5
        hashes[some] ^= np.uint64(1) << rng.integers(0, 64, int(some.sum())).astype(np.uint64)
    return hashes


def brute(hashes: Hashes, most: int, among: NDArray[np.int64]) -> set[tuple[int, int, int]]:
    """What `pairs` promises, by looking at all of them."""
    first: dict[tuple[int, int], int] = {}
    for place, (value, own) in enumerate(zip(hashes.tolist(), among.tolist(), strict=True)):
        first.setdefault((value, own), place)
    found = set()
    for (value, own), place in first.items():
        for (other, theirs), second in first.items():
            distance = (value ^ other).bit_count()
            if own == theirs and place < second and 0 < distance <= most:
                found.add((place, second, distance))
    found |= {
        (first[value, own], place, 0)
        for place, (value, own) in enumerate(zip(hashes.tolist(), among.tolist(), strict=True))
        if first[value, own] != place
    }
    return found


def listed(found: hamming.Pairs) -> list[tuple[int, int, int]]:
    return list(zip(found.left.tolist(), found.right.tolist(), found.distance.tolist(), strict=True))


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 130), st.integers(1, 20), st.integers(0, 7), st.integers(0, 10), st.integers(1, 4))
def test_pairs_are_those_that_looking_at_all_of_them_finds(seed: int, n: int, centres: int, flips: int, most: int, sets: int) -> None:
    hashes = clustered(seed, n, centres, flips)
    among = np.random.default_rng(seed).integers(-1, sets - 1, n)
    for given_among in (among, None):
        found = listed(pairs(hashes, most, given_among))
        assert len(found) == len(set(found))
        assert set(found) == brute(hashes, most, among if given_among is not None else np.zeros(n, dtype=np.int64))


@pytest.mark.parametrize("more", range(1, 7))
def test_every_cut_into_blocks_finds_the_same(monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    hashes = clustered(3, 300, 30, 5)
    wanted = sorted(listed(pairs(hashes, 5)))
    monkeypatch.setattr(hamming, "_blocks", lambda _n, most: most + more)
    assert sorted(listed(pairs(hashes, 5))) == wanted and len(wanted) > 300


def test_fifty_thousand_equal_hashes_are_linked_to_one() -> None:
    hashes = np.concatenate([np.full(50_000, 7, dtype=np.uint64), np.full(50_000, 6, dtype=np.uint64)])
    began = time.process_time()
    found = pairs(hashes, 10)
    assert len(found.left) == 99_999 and sorted(set(found.left.tolist())) == [0, 50_000]
    assert len(pairs(hashes, 4, np.arange(100_000) % 3).left) == 99_997
    assert time.process_time() - began < 3


def test_a_hundred_thousand_hashes_take_far_less_than_ten_seconds() -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**64, 100_000, dtype=np.uint64)
    hashes[:1000] = hashes[1000:2000] ^ np.uint64(0b1011 << 30)
    began = time.process_time()
    found = pairs(hashes, 4)
    assert time.process_time() - began < 5  # a tenth of a second, but on machines that do other things
    assert {(place, place + 1000, 3) for place in range(1000)} <= set(listed(found))


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 80))
def test_groups_are_connected_components(seed: int, n: int, edges: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, n, edges), rng.integers(0, n, edges)
    near = defaultdict(set)
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        near[a].add(b)
        near[b].add(a)
    lowest: dict[int, int] = {}
    for start in range(n):
        reach = [start]
        while reach:
            one = reach.pop()
            if one not in lowest:
                lowest[one] = start
                reach.extend(near[one])
    assert joined(n, left, right).tolist() == [lowest[place] for place in range(n)]


def test_a_long_chain_is_one_group() -> None:
    order = np.random.default_rng(1).permutation(100_000)
    assert not joined(100_000, order[:-1], order[1:]).any()


def test_bits_out_of_range_are_refused() -> None:
    for most in (-1, 64):
        with pytest.raises(ValueError, match="bits"):
            pairs(np.zeros(2, dtype=np.uint64), most)

"""All pairs of 64-bit hashes that differ in few bits, exactly, and the groups that such pairs make.

Two hashes within k bits are equal in at least m - k of any m blocks that the bits are cut into. So for every choice of m - k blocks these are
moved to the front, the hashes are sorted, and only neighbours with an equal front are compared. More blocks mean more sorting and fewer
comparisons; how many there are is chosen by what both should cost. Equal hashes count once: 50,000 black frames cost no more than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures.equal import firsts

BITS = 64
_PIECE = 1 << 14  # hashes
_SORT, _COMPARE = 8.0, 1.0  # what it costs to move and sort a hash, and to compare a pair; only their ratio counts

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """`left` and `right`: places of hashes; `distance`: bits that differ."""

    left: Places
    right: Places
    distance: NDArray[np.uint8]


def pairs(hashes: Hashes, most: int, among: NDArray[np.integer] | None = None) -> Pairs:
    """Every pair of hashes that differ in 1 to `most` bits, once, left before right; each hash that has come before is paired with its first
    place only, at distance 0, and takes no part otherwise. `among` numbers sets: only hashes of the same set are paired."""
    if not 0 <= most < BITS:
        raise ValueError("between 0 and 63 bits")
    hashes = np.ascontiguousarray(hashes, dtype=np.uint64)
    values, first, behind = firsts(hashes)
    low, high = _close(values, most)
    if among is not None:
        sets, number = np.unique(among, return_inverse=True)
        width = max(1, len(sets))
        known, first, behind = firsts(behind * width + number.ravel())
        low, high = _in_sets(low, high, known, width)
    original = first[behind]
    copies = np.flatnonzero(original != np.arange(len(original)))
    left, right = first[low], first[high]
    left, right = np.minimum(left, right), np.maximum(left, right)
    distance = np.bitwise_count(hashes[left] ^ hashes[right])
    return Pairs(
        np.concatenate([original[copies], left]),
        np.concatenate([copies, right]),
        np.concatenate([np.zeros(len(copies), dtype=np.uint8), distance]),
    )


def joined(n: int, left: Places, right: Places) -> Places:
    """For each of `n` places the lowest that a chain of pairs leads to: the same within a group, itself where there is no pair."""
    root = np.arange(n, dtype=np.int64)
    while len(left):
        a, b = root[left], root[right]
        apart = a != b
        left, right, a, b = left[apart], right[apart], a[apart], b[apart]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root, above := root[root]):
            root = above
    return root


def _in_sets(low: Places, high: Places, known: Places, width: int) -> tuple[Places, Places]:
    """Pairs of values as pairs of places in `known`, which holds value · width + set in order: one for each set that has both values."""
    starts, ends = np.searchsorted(known, low * width), np.searchsorted(known, (low + 1) * width)
    counts = ends - starts
    pair = np.repeat(np.arange(len(low)), counts)
    a = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts) + starts[pair]
    wanted = high[pair] * width + known[a] % width
    b = np.searchsorted(known, wanted)
    there = (b < len(known)) & (known[np.minimum(b, len(known) - 1)] == wanted)
    return a[there], b[there]


def _close(values: Hashes, most: int) -> tuple[Places, Places]:
    """Pairs of places in `values`, which are sorted and all different."""
    found: list[tuple[Places, Places]] = []
    if len(values) > 1 and most:
        blocks = _blocks(len(values), most)
        for chosen in combinations(range(blocks), blocks - most):
            cut = _Cut(blocks, chosen)
            for a, b in _neighbours(np.sort(cut.moved(values)), cut, most):
                found.append((np.searchsorted(values, cut.back(a)), np.searchsorted(values, cut.back(b))))
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate([a for a, _b in found]), np.concatenate([b for _a, b in found])


def cost(n: int, most: int) -> float:
    """What `pairs` of `n` evenly spread hashes costs, in comparisons; a hundred million take about a second."""
    return _cost(n, most, _blocks(n, most)) if most else n * _SORT


def _blocks(n: int, most: int) -> int:
    """Into how many blocks to cut the bits, so that sorting and comparing cost least together."""
    return min(range(most + 1, min(most + 6, BITS) + 1), key=lambda blocks: _cost(n, most, blocks))


def _cost(n: int, most: int, blocks: int) -> float:
    kept = blocks - most
    compared = n * n / 2 / 2.0 ** (BITS * kept / blocks)
    return comb(blocks, kept) * (n * _SORT + compared * _COMPARE)


class _Cut:
    """An order of the blocks, the chosen ones first. Distances stay the same when bits change places."""

    def __init__(self, blocks: int, chosen: Sequence[int]) -> None:
        edges = [BITS * place // blocks for place in range(blocks + 1)]
        order = [*reversed(chosen), *(one for one in reversed(range(blocks)) if one not in chosen)]
        self.moves: list[tuple[int, int, int]] = []  # lowest bit before, lowest bit after, bits: of blocks that stay side by side
        self.earlier: list[np.uint64] = []  # bits, as moved, of blocks that an earlier choice would have had
        end = BITS
        for place, one in enumerate(order):
            bits = edges[one + 1] - edges[one]
            end -= bits
            if place and order[place - 1] == one + 1:
                bits += self.moves.pop()[2]
            self.moves.append((edges[one], end, bits))
            if one not in chosen and one < max(chosen):
                self.earlier.append(np.uint64(((1 << (edges[one + 1] - edges[one])) - 1) << end))
        self.limit = np.uint64(1 << (BITS - sum(edges[one + 1] - edges[one] for one in chosen)))

    def moved(self, values: Hashes) -> Hashes:
        return self._placed(values, [(before, after, bits) for before, after, bits in self.moves])

    def back(self, values: Hashes) -> Hashes:
        return self._placed(values, [(after, before, bits) for before, after, bits in self.moves])

    @staticmethod
    def _placed(values: Hashes, moves: Sequence[tuple[int, int, int]]) -> Hashes:
        """In pieces that stay in the processor's cache."""
        out = np.zeros_like(values)
        for start in range(0, len(values), _PIECE):
            piece, put = values[start : start + _PIECE], out[start : start + _PIECE]
            for before, after, bits in moves:
                put |= ((piece >> np.uint64(before)) & np.uint64((1 << bits) - 1)) << np.uint64(after)
        return out


def _neighbours(values: Hashes, cut: _Cut, most: int) -> Iterator[tuple[Hashes, Hashes]]:
    """Pairs of sorted moved hashes whose front is equal and that differ in few bits; none that an earlier choice of blocks finds too."""
    step = 1
    differ = values[1:] ^ values[:-1]
    places = np.flatnonzero(differ < cut.limit)
    differ = differ[places]
    while len(places):
        near = np.flatnonzero(np.bitwise_count(differ) <= most)
        for mask in cut.earlier:
            near = near[(differ[near] & mask) != 0]
        if len(near):
            yield values[places[near]], values[places[near] + step]
        step += 1
        places = places[: np.searchsorted(places, len(values) - step)]
        differ = values[places + step] ^ values[places]
        same = differ < cut.limit
        places, differ = places[same], differ[same]

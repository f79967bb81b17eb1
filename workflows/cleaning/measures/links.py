"""Rows that are alike, joined into groups with a keeper each, in time that grows with rows and pairs.

Joining goes from the likest pairs down. When two groups meet, the worse of their keepers falls: the likeness at which it does is its score. So a row falls at
a threshold exactly when its score is above it, whatever the threshold: nothing is joined again when one is moved.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
# In a run of equal keys up to this long each is linked with each; in longer ones with its neighbours only, which keeps the run in one piece.
ALL_PAIRS = 24


def equal_pairs(keys: NDArray[Any], order_by: NDArray[Any] | None = None) -> tuple[Rows, Rows]:
    """Pairs of rows with the same key. `order_by`: a second key, which brings those together that are neighbours in long runs."""
    order = _maybe_twice(keys)
    order = order[np.argsort(keys[order])]
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    near = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))[: len(order)]
    order, ordered = order[near], ordered[near]  # most rows are alone and go no further
    if not len(order):
        return order, order
    run = np.cumsum(np.concatenate(([False], ordered[1:] != ordered[:-1])))
    size = np.bincount(run)[run]
    # Sorting leaves equal keys in any order; here they get one that is the same on every machine.
    order = order[np.lexsort((order, run) if order_by is None else (order, order_by[order], run))]
    left, right = [], []
    for step in range(1, ALL_PAIRS):
        if len(order) <= step:
            break
        pair = run[step:] == run[:-step]
        if step > 1:
            pair &= size[step:] <= ALL_PAIRS
        if not pair.any():
            break
        left.append(order[:-step][pair])
        right.append(order[step:][pair])
    return _joined(left), _joined(right)


def _maybe_twice(keys: NDArray[Any]) -> Rows:
    """Rows whose key may be there twice, by counts of its last bits: most others are out, in a third of the time that sorting them takes."""
    if keys.dtype != np.uint64:
        return np.arange(len(keys))
    last = (keys & np.uint64((4 << len(keys).bit_length()) - 1)).view(np.int64)
    return np.flatnonzero(np.bincount(last)[last] > 1) if len(keys) else np.zeros(0, np.int64)


def different_pairs(left: Rows, right: Rows, rows: int) -> tuple[Rows, Rows]:
    """The pairs without repetition, whichever way round."""
    both = np.unique(np.minimum(left, right) * rows + np.maximum(left, right))
    return both // rows, both % rows


def fall(left: Rows, right: Rows, likeness: NDArray[np.float64], rank: Rows) -> NDArray[np.float64]:
    """The score of each row: the likeness at which it falls to a better one, 0 for a row that never does. `rank`: one number per row, the lower is kept."""
    rows, left, right = _ranked(left, right, rank)
    best = np.arange(len(rows))
    scores = np.zeros(len(rows), np.float64)
    for level in np.unique(likeness)[::-1]:
        at = likeness == level
        before = best
        best = _join(best, left[at], right[at])
        scores[(before == np.arange(len(rows))) & (best != before)] = level
    found = np.zeros(len(rank), np.float64)
    found[rows] = scores
    return found


def keepers(left: Rows, right: Rows, rank: Rows) -> Rows:
    """The kept row of each row's group; itself where it is in none."""
    rows, left, right = _ranked(left, right, rank)
    found = np.arange(len(rank))
    found[rows] = rows[_join(np.arange(len(rows)), left, right)]
    return found


def _ranked(left: Rows, right: Rows, rank: Rows) -> tuple[Rows, Rows, Rows]:
    """The rows that are in pairs, the best first, and the pairs as places among them."""
    involved = np.zeros(len(rank), np.bool_)
    involved[left] = involved[right] = True
    rows = np.flatnonzero(involved)
    rows = rows[np.argsort(rank[rows], kind="stable")]
    place = np.zeros(len(rank), np.int64)
    place[rows] = np.arange(len(rows))
    return rows, place[left], place[right]


def _join(best: Rows, left: Rows, right: Rows) -> Rows:
    """Groups joined further by pairs, each known by its lowest place: groups point at lower ones until none changes, halving the way at each turn."""
    while True:
        one, other = best[left], best[right]
        apart = one != other
        if not apart.any():
            return best
        left, right = left[apart], right[apart]
        parent = np.arange(len(best))
        np.minimum.at(parent, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
        while not np.array_equal(further := parent[parent], parent):
            parent = further
        best = parent[best]


def _joined(parts: list[Rows]) -> Rows:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)

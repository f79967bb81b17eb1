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
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    run = np.cumsum(np.concatenate(([0], ordered[1:] != ordered[:-1]))) if len(keys) else np.zeros(0, np.int64)
    size = np.bincount(run)[run] if len(keys) else run
    near = np.flatnonzero(size > 1)  # most rows are alone and go no further
    order, run, size = order[near], run[near], size[near]
    if order_by is not None and len(size) and size.max() > ALL_PAIRS:
        order = order[np.lexsort((order_by[order], run))]
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


def different_pairs(left: Rows, right: Rows, rows: int) -> tuple[Rows, Rows]:
    """The pairs without repetition, whichever way round."""
    both = np.unique(np.minimum(left, right) * rows + np.maximum(left, right))
    return both // rows, both % rows


def fall(left: Rows, right: Rows, likeness: NDArray[np.float64], rank: Rows) -> NDArray[np.float64]:
    """The score of each row: the likeness at which it falls to a better one, 0 for a row that never does. `rank`: one number per row, the lower is kept."""
    scores = np.zeros(len(rank), np.float64)
    keeper = np.arange(len(rank))
    for level in np.unique(likeness)[::-1]:
        at = likeness == level
        before = keeper
        keeper = _join(keeper, left[at], right[at], rank)
        scores[(before == np.arange(len(rank))) & (keeper != before)] = level
    return scores


def keepers(left: Rows, right: Rows, rank: Rows) -> Rows:
    """The kept row of each row's group; itself where it is in none."""
    return _join(np.arange(len(rank)), left, right, rank)


def _join(keeper: Rows, left: Rows, right: Rows, rank: Rows) -> Rows:
    """Groups joined further by pairs: keepers point at their better until none changes, halving the way at each turn."""
    place = np.argsort(rank, kind="stable")
    best = np.empty_like(place)
    best[place] = np.arange(len(place))  # the same order as `rank`, without gaps
    low = best[keeper]
    while len(left):
        one, other = low[left], low[right]
        apart = one != other
        if not apart.any():
            break
        left, right = left[apart], right[apart]
        better, worse = np.minimum(one, other)[apart], np.maximum(one, other)[apart]
        parent = np.arange(len(place))
        np.minimum.at(parent, worse, better)
        while True:
            further = parent[parent]
            if np.array_equal(further, parent):
                break
            parent = further
        low = parent[low]
    return place[low]


def _joined(parts: list[Rows]) -> Rows:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)

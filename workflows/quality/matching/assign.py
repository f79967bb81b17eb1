"""The best one-to-one assignment: what hangs together is taken apart first, then shortest augmenting paths. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.knots import components
from workflows.quality.matching.sweep import Places

MOST_CELLS = 1 << 22  # of one component; beyond, its likeliest pairs are taken one after the other


def assign(rows: Places, columns: Places, worth: Floats) -> NDArray[np.intp]:
    """Which of the possible pairs are taken so that their summed worth is the greatest there is: places in the three arrays.

    Each row and column is taken once at most; every worth is above 0, every pair stands there once.
    """
    if not len(rows):
        return np.empty(0, dtype=np.intp)
    if np.bincount(rows).max() == 1 and np.bincount(columns).max() == 1:  # nobody has a choice, as nearly always
        return np.arange(len(rows))
    first = int(rows.max()) + 1
    part = components(first + int(columns.max()) + 1, rows, columns + first)[rows]
    order = np.argsort(part, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(part[order]) != 0])
    sizes = np.diff(np.r_[starts, len(order)])
    taken = [order[starts[sizes == 1]]]
    for start, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        edges = order[start : start + size]
        taken.append(edges[_component(rows[edges], columns[edges], worth[edges])])
    return np.sort(np.concatenate(taken))


def _component(rows: Places, columns: Places, worth: Floats) -> NDArray[np.intp]:
    names, row = np.unique(rows, return_inverse=True)
    others, column = np.unique(columns, return_inverse=True)
    if len(names) == 1 or len(others) == 1:
        return np.array([int(worth.argmax())])
    if len(names) * len(others) > MOST_CELLS:
        return greedy(row, column, worth)
    if len(names) > len(others):
        row, column = column, row
    table = np.zeros((min(len(names), len(others)), max(len(names), len(others))))
    table[row, column] = worth
    place = np.full(table.shape, -1, dtype=np.intp)
    place[row, column] = np.arange(len(worth))
    found = place[np.arange(len(table)), solve(table)]
    return found[found >= 0]


def greedy(rows: Places, columns: Places, worth: Floats) -> NDArray[np.intp]:
    """The likeliest pair, then the likeliest of what is left, and so on: no longer the best, but soon done."""
    used_rows, used_columns, taken = set(), set(), []
    for place in np.argsort(-worth, kind="stable").tolist():
        row, column = int(rows[place]), int(columns[place])
        if row not in used_rows and column not in used_columns:
            used_rows.add(row)
            used_columns.add(column)
            taken.append(place)
    return np.array(taken, dtype=np.intp)


def solve(worth: Floats) -> NDArray[np.intp]:
    """A column of its own for every row, the sum greatest, for a table of shape (n, m) with n ≤ m.

    Jonker and Volgenant's augmentation (1987): each row finds the shortest path to a free column.
    """
    cost = worth.max() - worth
    n, m = cost.shape
    lift, drop = np.zeros(n + 1), np.zeros(m + 1)
    owner, came = np.zeros(m + 1, dtype=np.intp), np.zeros(m + 1, dtype=np.intp)  # 1-based; column 0 is where a path begins
    for row in range(1, n + 1):
        owner[0], column = row, 0
        least = np.full(m + 1, np.inf)
        done = np.zeros(m + 1, dtype=bool)
        while True:
            done[column] = True
            at = owner[column]
            ahead = np.flatnonzero(~done[1:]) + 1
            reduced = cost[at - 1, ahead - 1] - lift[at] - drop[ahead]
            better = reduced < least[ahead]
            least[ahead[better]] = reduced[better]
            came[ahead[better]] = column
            step = least[ahead].min()
            nearest = ahead[least[ahead] <= step]
            free = nearest[owner[nearest] == 0]  # among equals one that ends the path
            following = int(free[0] if len(free) else nearest[0])
            lift[owner[done]] += step
            drop[done] -= step
            least[ahead] -= step
            column = following
            if owner[column] == 0:
                break
        while column:
            before = int(came[column])
            owner[column] = owner[before]
            column = before
    found = np.empty(n, dtype=np.intp)
    taken = np.flatnonzero(owner[1:])
    found[owner[1:][taken] - 1] = taken
    return found

"""The best one-to-one assignment: shortest augmenting paths, component by component. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def assign(worth: Floats) -> list[tuple[int, int]]:
    """Pairs (row, column) whose summed worth is the greatest there is; worth 0 or less is never paired. Shape (n, m)."""
    pairs: list[tuple[int, int]] = []
    for rows, columns in _components(worth > 0):
        part = worth[np.ix_(rows, columns)]
        if len(rows) == 1 or len(columns) == 1:
            row, column = np.unravel_index(int(part.argmax()), part.shape)
            pairs.append((int(rows[row]), int(columns[column])))
            continue
        turned = part.shape[0] > part.shape[1]
        for row, column in _solve(part.T if turned else part):
            if turned:
                row, column = column, row
            if part[row, column] > 0:
                pairs.append((int(rows[row]), int(columns[column])))
    return sorted(pairs)


def _components(edges: NDArray[np.bool_]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows and columns that hang together by an edge; those without any are left out."""
    found = []
    rows_left = edges.any(axis=1)
    for start in range(edges.shape[0]):
        if not rows_left[start]:
            continue
        rows = np.zeros(edges.shape[0], dtype=bool)
        rows[start] = True
        columns = np.zeros(edges.shape[1], dtype=bool)
        while True:
            wider = columns | edges[rows].any(axis=0)
            more = rows | edges[:, wider].any(axis=1)
            if (more == rows).all() and (wider == columns).all():
                break
            rows, columns = more, wider
        rows_left &= ~rows
        found.append((np.flatnonzero(rows), np.flatnonzero(columns)))
    return found


def _solve(worth: Floats) -> list[tuple[int, int]]:
    """Every row with a column of its own, for n ≤ m, the sum greatest (Jonker and Volgenant's augmentation, 1987)."""
    cost = np.maximum(worth.max(), 0.0) - np.maximum(worth, 0.0)
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
            following = ahead[least[ahead].argmin()]
            step = least[following]
            lift[owner[done]] += step
            drop[done] -= step
            least[ahead] -= step
            column = int(following)
            if owner[column] == 0:
                break
        while column:
            before = came[column]
            owner[column] = owner[before]
            column = int(before)
    return [(int(owner[column]) - 1, column - 1) for column in range(1, m + 1) if owner[column]]

"""Which objects of two lists can have anything in common: those whose bounds meet. Pure numpy.

Both lists are walked from left to right together, so that far more objects than pairs are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats

Places = NDArray[np.intp]
ROWS = 64  # looked at together


def meeting(one: Floats, other: Floats) -> Iterator[tuple[Places, Places]]:
    """(places in one, places in other) of bounds [left, top, right, bottom] that meet, shapes (n, 4) and (m, 4), in parts.

    All pairs of one place of `one` come in the same part, next to each other.
    """
    order, across = np.argsort(one[:, 0], kind="stable"), np.argsort(other[:, 0], kind="stable")
    lefts, reached = other[across, 0], np.maximum.accumulate(other[across, 2])
    for start in range(0, len(order), ROWS):
        rows = order[start : start + ROWS]
        first = np.searchsorted(reached, one[rows, 0].min(), side="left")
        columns = across[first : np.searchsorted(lefts, one[rows, 2].max(), side="right")]
        a, b = one[rows, None, :], other[None, columns, :]
        meet = (a[..., 0] <= b[..., 2]) & (b[..., 0] <= a[..., 2]) & (a[..., 1] <= b[..., 3]) & (b[..., 1] <= a[..., 3])
        row, column = np.nonzero(meet)
        if len(row):
            yield rows[row], columns[column]

"""Rows of one table put beside the rows of another that name them by a key. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPARSE = 4  # where fewer than one of so many keys of a range are wanted, they are asked for one by one
AT_ONCE = 50_000
Places = NDArray[np.intp] | None  # a row for each, -1 for none; None where each has the row of its own number
# What stands where there is no row, by the type of the column (`reading.TYPES` and `reading.CODE`).
_NONE: dict[str, Any] = {"i8": 0, "i4": -1, "i2": -1, "f8": np.nan, "f4": np.nan, "?": False, "u8": 0, "digest": 0, "bands": 0, "code": None}


def among(key: str, wanted: NDArray[np.int64]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """SQL conditions, with their values, of the rows whose key is wanted: together they meet each of them once, and perhaps others beside them.

    Keys that are handed out one after another mostly lie together, and then a range of them is the cheapest to read. 0 stands for none.
    """
    keys = wanted[wanted > 0]
    if not len(keys):
        return
    low, high = int(keys.min()), int(keys.max())
    if high - low < SPARSE * len(keys) + 1000:
        yield f"{key} BETWEEN %s AND %s", (low, high)
        return
    keys = np.unique(keys)
    for start in range(0, len(keys), AT_ONCE):
        yield f"{key} = ANY(%s)", (keys[start : start + AT_ONCE].tolist(),)


def places(keys: NDArray[Any], wanted: NDArray[Any]) -> Places:
    """For each wanted key its row among `keys`, which ascend, or -1; None where they are the same."""
    if len(keys) == len(wanted) and np.array_equal(keys, wanted):
        return None
    if not len(keys):
        return np.full(len(wanted), -1, np.intp)
    if keys[-1] - keys[0] == len(keys) - 1:  # handed out one after another, none lost
        return np.where((wanted >= keys[0]) & (wanted <= keys[-1]), wanted - keys[0], -1).astype(np.intp, copy=False)
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[found] == wanted, found, -1)


def beside(column: NDArray[Any], place: Places, kind: str) -> NDArray[Any]:
    """The column's values at these places, and what stands for none where there is no row."""
    if place is None:
        return column
    found = np.empty((len(place), *column.shape[1:]), column.dtype)
    there = place >= 0
    found[there] = column[place[there]]
    found[~there] = _NONE[kind]
    return found

"""Masks as runs along their columns, and what two of them share, without drawing any. Pure numpy.

Pixels are counted column by column, as COCO's run lengths do: pixel (row, column) of a picture h high is column * h + row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.labels.masks import decode
from workflows.quality.matching.areas import FAR, Floats, crossings, edges

Runs = NDArray[np.int64]


def of_mask(rle: dict[str, Any]) -> Runs:
    """[start, end) of each run of covered pixels, shape (n, 2), in order."""
    marks = np.cumsum(np.asarray(decode(rle["counts"]), dtype=np.int64))
    if len(marks) % 2:
        marks = marks[:-1]
    return marks.reshape(-1, 2)


def of_area(area: Sequence[Floats], height: int, width: int) -> Runs:
    """The pixels of a picture whose middles lie inside the rings."""
    sides = edges([ring[:, ::-1] for ring in area])  # columns take the part of lines
    if not len(sides):
        return np.empty((0, 2), dtype=np.int64)
    first = max(0, int(np.ceil(sides[:, 1].min() - 0.5)))
    last = min(width - 1, int(np.floor(sides[:, 3].max() - 0.5)))
    columns = np.arange(first, last + 1, dtype=np.int64)
    y = crossings(sides, columns.astype(np.float64) + 0.5)
    rows = np.clip(np.ceil(y - 0.5), 0, height).astype(np.int64) + (columns * height)[:, None]
    inside = (rows[:, ::2] < rows[:, 1::2]) & (y[:, ::2] < FAR)
    return np.stack([rows[:, ::2][inside], rows[:, 1::2][inside]], axis=1)


def bounds(runs: Runs, height: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is covered; of the whole height where a run goes on in the next column."""
    if not len(runs):
        return 0.0, 0.0, 0.0, 0.0
    first, last = runs[:, 0], runs[:, 1] - 1
    if bool((first // height != last // height).any()):
        return float(first[0] // height), 0.0, float(last[-1] // height + 1), float(height)
    return float(first[0] // height), float((first % height).min()), float(last[-1] // height + 1), float((last % height).max() + 1)


def size(runs: Runs) -> int:
    """Pixels covered."""
    return int((runs[:, 1] - runs[:, 0]).sum())


def shared(one: Runs, other: Runs) -> int:
    """Pixels covered by both."""
    if not len(one) or not len(other):
        return 0
    return int((_before(one, other[:, 1]) - _before(one, other[:, 0])).sum())


def _before(runs: Runs, pixel: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many covered pixels come before each pixel."""
    sums = np.concatenate([[0], np.cumsum(runs[:, 1] - runs[:, 0])])
    place = np.searchsorted(runs[:, 0], pixel, side="right")
    over = np.where(place > 0, np.maximum(0, runs[np.maximum(place - 1, 0), 1] - pixel), 0)
    return np.asarray(sums[place] - over)

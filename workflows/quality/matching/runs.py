"""Masks as runs along their columns, and what two of them share, without drawing any. Pure numpy.

Pixels are counted column by column, as COCO's run lengths do: pixel (row, column) of a picture h high is column * h + row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.labels.masks import decode
from workflows.quality.matching.areas import Floats, edges

Runs = NDArray[np.int64]


def of_mask(rle: dict[str, Any]) -> Runs:
    """[start, end) of each run of covered pixels, shape (n, 2), in order."""
    marks = np.cumsum(np.asarray(decode(rle["counts"]), dtype=np.int64))
    if len(marks) % 2:
        marks = marks[:-1]
    return marks.reshape(-1, 2)


def of_area(area: Sequence[Floats], height: int, width: int) -> Runs:
    """The pixels of a picture whose middles lie inside the rings."""
    turned = [ring[:, ::-1] for ring in area]  # columns take the part of lines
    sides = edges(turned)
    if not len(sides):
        return np.empty((0, 2), dtype=np.int64)
    first = max(0, int(np.ceil(sides[:, 1].min() - 0.5)))
    last = min(width - 1, int(np.floor(sides[:, 3].max() - 0.5)))
    found: list[Runs] = []
    for column in range(first, last + 1):
        x = column + 0.5
        met = sides[(sides[:, 1] <= x) & (sides[:, 3] > x)]
        y = np.sort(met[:, 0] + (x - met[:, 1]) * (met[:, 2] - met[:, 0]) / (met[:, 3] - met[:, 1]))
        rows = np.clip(np.ceil(y - 0.5), 0, height).astype(np.int64).reshape(-1, 2)
        found.append(rows[rows[:, 1] > rows[:, 0]] + column * height)
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.int64)


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

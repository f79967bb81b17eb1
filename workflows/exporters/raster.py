"""Shapes as pixels: which pixel centres lie inside, as arrays and as COCO's run lengths. Pure; numpy.

A pixel belongs to a shape when its centre does (even-odd rule, so holes are holes); a centre on the edge belongs to the shape
on its right or below. A square [10, 10, 20, 20] therefore covers 100 pixels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from annotate.labels import masks
from workflows.exporters.outlines import Ring, grid, rings


def filled(loops: Sequence[Ring], width: int, height: int) -> tuple[Any, int, int]:
    """(boolean array of the bounds' rows and columns, left, top) of rings filled by the even-odd rule, cut to the picture."""
    import numpy as np

    ends = np.concatenate([np.asarray(ring, dtype=float)[:, :2] for ring in loops])
    left, top = (max(0, math.floor(v)) for v in ends.min(axis=0))
    right, bottom = min(width, math.ceil(ends[:, 0].max())), min(height, math.ceil(ends[:, 1].max()))
    if right <= left or bottom <= top:
        return np.zeros((0, 0), dtype=bool), left, top
    turns = np.zeros((bottom - top, right - left + 1), dtype=np.int32)  # how often an edge was passed on the way from the left
    for ring in loops:
        points = np.asarray(ring, dtype=float)[:, :2]
        for (x1, y1), (x2, y2) in zip(points, np.roll(points, -1, axis=0), strict=True):
            low, high = (y1, y2) if y1 < y2 else (y2, y1)
            first, last = max(top, math.ceil(low - 0.5)), min(bottom, math.ceil(high - 0.5))
            if last <= first:
                continue
            rows = np.arange(first, last)
            across = x1 + (rows + 0.5 - y1) * (x2 - x1) / (y2 - y1)
            columns = np.clip(np.ceil(across - 0.5).astype(np.int64), left, right) - left
            turns[rows - top, columns] += 1
    return (np.cumsum(turns, axis=1)[:, :-1] % 2).astype(bool), left, top


def pixels(thing: dict[str, Any], width: int, height: int) -> tuple[Any, int, int] | None:
    """(boolean array, left, top) of an object with an area, None for other kinds."""
    if thing["kind"] == "mask":
        whole = grid(thing["rle"])[:height, :width]
        return whole, 0, 0
    found = rings(thing)
    return filled([*found[0], *found[1]], width, height) if found is not None else None


def run_lengths(part: Any, left: int, top: int, width: int, height: int) -> dict[str, Any]:
    """COCO's compressed run lengths of a part placed into a picture."""
    import numpy as np

    whole = np.zeros((height, width), dtype=bool)
    whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    flat = whole.T.reshape(-1)
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate(([0], changes, [flat.size]))).tolist()
    return {"size": [height, width], "counts": masks.encode([0, *runs] if flat.size and flat[0] else runs)}

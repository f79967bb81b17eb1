"""A mask as the tight rectangle that it covers, its pixels row by row: what CVAT and labelme keep. Pure.

COCO's run lengths go down the columns of the whole picture.
"""

from __future__ import annotations

from typing import Any

from annotate.labels import masks


def tight(rle: dict[str, Any]) -> tuple[int, int, Any]:
    """(left, top, pixels): `pixels` is a numpy array of bool, rows by columns; of no size when the mask covers nothing."""
    import numpy as np

    height, width = rle["size"]
    runs = np.array(masks.decode(rle["counts"]), dtype=np.int64)
    values = np.zeros(len(runs), dtype=bool)
    values[1::2] = True
    grid = np.repeat(values, runs).reshape(width, height).T
    rows, columns = np.flatnonzero(grid.any(axis=1)), np.flatnonzero(grid.any(axis=0))
    if not len(rows):
        return 0, 0, grid[:0, :0]
    return int(columns[0]), int(rows[0]), grid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def runs_of(pixels: Any) -> list[int]:
    """Run lengths over the pixels row by row, from zeros: a first run of 0 where the first pixel is set."""
    import numpy as np

    flat = np.concatenate([[False], pixels.ravel()])
    ends = np.flatnonzero(np.diff(flat)) if len(flat) > 1 else np.array([], dtype=np.int64)
    return [int(run) for run in np.diff(np.concatenate([[0], ends, [pixels.size]]))]

"""Masks of other tools as COCO's run lengths. Pure."""

from __future__ import annotations

from typing import Any

from annotate.labels.masks import encode

LARGEST = 100_000_000  # pixels of a picture whose masks are taken


def placed(pixels: Any, left: int, top: int, width: int, height: int) -> dict[str, Any]:
    """The mask of a picture from the pixels of a rectangle in it, a numpy array of rows by columns; what is set counts.

    `ValueError` when the rectangle lies outside the picture, or the picture is too large.
    """
    import numpy as np

    check_size(width, height)
    rows, columns = pixels.shape
    if left < 0 or top < 0 or left + columns > width or top + rows > height:
        raise ValueError("the mask lies outside the picture")
    grid = np.zeros((width, height), dtype=bool)
    grid[left : left + columns, top : top + rows] = (pixels != 0).T
    return {"size": [height, width], "counts": encode(runs_of(grid))}


def check_size(width: Any, height: Any) -> None:
    if not width or not height:
        raise ValueError("a mask needs the picture's width and height")
    if width * height > LARGEST:
        raise ValueError(f"masks are taken of pictures of at most {LARGEST:,} pixels")


def runs_of(grid: Any) -> list[int]:
    """Run lengths from zeros over all values in their order."""
    import numpy as np

    flat = np.concatenate([[False], grid.ravel()])
    ends = np.flatnonzero(np.diff(flat))
    return [int(run) for run in np.diff(np.concatenate([[0], ends, [grid.size]]))]


def from_runs(runs: list[int], width: int, height: int) -> Any:
    """Pixels of a rectangle from run lengths row by row; `ValueError` when they do not fill it."""
    import numpy as np

    check_size(width, height)
    if any(run < 0 for run in runs) or sum(runs) != width * height:
        raise ValueError("the run lengths do not add up to the mask's size")
    return np.repeat(np.arange(len(runs)) % 2 == 1, np.array(runs, dtype=np.int64)).reshape(height, width)


def ellipse(x: float, y: float, across: float, down: float, rotation: float = 0) -> dict[str, tuple[dict[str, Any], ...]]:
    """The shapes of an ellipse about x, y with those radii, turned clockwise by degrees: a polygon of 64 points, else its box."""
    import math

    if across <= 0 or down <= 0:
        raise ValueError("an ellipse needs radii above 0")
    cos, sin = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    points = []
    for step in range(64):
        a, b = across * math.cos(step * math.pi / 32), down * math.sin(step * math.pi / 32)
        points.append([round(x + a * cos - b * sin, 6), round(y + a * sin + b * cos, 6)])
    box: dict[str, Any] = {"box": [x - across, y - down, 2 * across, 2 * down]}
    if rotation % 360:
        box["rotation"] = rotation
    return {"polygon": ({"points": points},), "box": (box,)}

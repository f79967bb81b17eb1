"""Likeness of points, lines and skeletons, from distances: 1 in the same place, falling like a bell. Pure numpy.

The bell of a distance d at scale s (pixels²) and width k: exp(-d² / (2 s (2k)²)); COCO's object keypoint similarity is its
mean over the labelled points of the truth, with k the σ of each point and s the object's area (`pycocotools.cocoeval`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats

# COCO's σ of the 17 points of a person, in their order.
PERSON = np.array([0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89]) / 10
SIGMA = 0.09  # of a point of any other skeleton: what CVAT takes
THICKNESS = 0.01  # of lines and lone points, as a share of the picture's side √(w h)
SAMPLES = 100  # places along a line


def bell(squares: Floats, scale: float, width: float | Floats) -> Floats:
    """exp(-squares / (2 scale (2 width)²)); `squares` in pixels²."""
    return np.exp(-squares / (2 * max(scale, 1e-9) * (2 * np.asarray(width)) ** 2))


def sigmas(count: int) -> Floats:
    """The widths of a skeleton's points: a person's where it has 17, `SIGMA` else."""
    return PERSON if count == len(PERSON) else np.full(count, SIGMA)


def oks(truth: Sequence[Sequence[float]], answer: Sequence[Sequence[float]], area: float, *, either: bool = False) -> float:
    """COCO's similarity of points [x, y, v] at `area` pixels²: the mean over the truth's labelled points.

    With `either`, CVAT's symmetric form: the sum over points that both have, by the number that either has. 0 without any.
    """
    one, other = np.asarray(truth, dtype=np.float64), np.asarray(answer, dtype=np.float64)
    if one.shape != other.shape:
        return 0.0
    like = bell(((one[:, :2] - other[:, :2]) ** 2).sum(axis=1), area + float(np.spacing(1)), sigmas(len(one)))
    if not either:
        seen = one[:, 2] > 0
        return float(like[seen].mean()) if seen.any() else 0.0
    both, any_ = (one[:, 2] > 0) & (other[:, 2] > 0), (one[:, 2] > 0) | (other[:, 2] > 0)
    return float(like[both].sum() / any_.sum()) if any_.any() else 0.0


def extent(points: NDArray[np.float64]) -> float:
    """Pixels² of the smallest upright box around the labelled points [x, y, v], at least one."""
    seen = points[points[:, 2] > 0][:, :2]
    return float(np.prod(np.maximum(np.ptp(seen, axis=0), 1.0))) if len(seen) else 1.0


def skeletons(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> float:
    """Symmetric likeness of two skeletons, at the mean of the boxes around them."""
    scale = (extent(np.asarray(one, dtype=np.float64)) + extent(np.asarray(other, dtype=np.float64))) / 2
    return oks(one, other, scale, either=True)


def along(line: Sequence[Sequence[float]], count: int = SAMPLES) -> Floats:
    """`count` places at equal steps along a line, shape (count, 2)."""
    points = np.asarray(line, dtype=np.float64)
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0.0, steps[-1], count)
    return np.stack([np.interp(at, steps, points[:, 0]), np.interp(at, steps, points[:, 1])], axis=1)


def lines(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]], picture: float) -> float:
    """Likeness of two lines in a picture of so many pixels², drawn in whichever direction."""
    mine, theirs = along(one), along(other)
    return max(float(bell(((mine - way) ** 2).sum(axis=1), picture, THICKNESS).mean()) for way in (theirs, theirs[::-1]))


def lone(one: Sequence[float], other: Sequence[float], picture: float) -> float:
    """Likeness of two points in a picture of so many pixels²."""
    square = np.array([(one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2], dtype=np.float64)
    return float(bell(square, picture, THICKNESS)[0])

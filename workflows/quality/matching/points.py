"""Likeness of points, lines and skeletons, from distances: 1 in the same place, falling like a bell. Pure numpy.

The bell of a distance d at scale s (pixels²) and width k: exp(-d² / (2 s (2k)²)). COCO's object keypoint similarity is its
mean over the labelled points of the truth, with k the σ of each point and s the object's area (`pycocotools.cocoeval`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workflows.quality.matching.areas import Floats

# COCO's σ of the 17 points of a person, in their order.
PERSON = np.array([0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89]) / 10
SIGMA = 0.09  # of a point of any other skeleton: what CVAT takes
THICKNESS = 0.01  # of lines and lone points, as a share of the picture's side √(w h)
SAMPLES = 100  # places along a line
FLATTEST = 10  # a skeleton on a line counts as a box of 1 : 10


def bell(squares: Floats, scale: float | Floats, width: float | Floats) -> Floats:
    """exp(-squares / (2 scale (2 width)²)); `squares` in pixels²."""
    return np.asarray(np.exp(-squares / (2 * np.maximum(scale, 1e-9) * (2 * np.asarray(width)) ** 2)))


def reach(scale: float | Floats, width: float, threshold: float) -> Floats:
    """The greatest distance, in pixels, at which the bell still has `threshold`."""
    return np.sqrt(-np.log(min(1.0, max(threshold, 1e-12))) * 2 * np.asarray(scale)) * 2 * width


def sigmas(count: int) -> Floats:
    """The widths of a skeleton's points: a person's where it has 17, `SIGMA` else."""
    return PERSON if count == len(PERSON) else np.full(count, SIGMA)


def oks(truth: Floats, answer: Floats, area: Floats, *, either: bool = False) -> Floats:
    """COCO's similarity of pairs of skeletons: the mean over the truth's labelled points. Shapes (n, k, 3) and (n,).

    With `either`, CVAT's symmetric form: the sum over points that both have, by the number that either has. 0 without any.
    """
    squares = ((truth[..., :2] - answer[..., :2]) ** 2).sum(axis=-1)
    like = bell(squares, area[:, None] + np.spacing(1), sigmas(truth.shape[1]))
    mine, theirs = truth[..., 2] > 0, answer[..., 2] > 0
    counted, of = (mine & theirs, mine | theirs) if either else (mine, mine)
    return np.asarray((like * counted).sum(axis=1) / np.maximum(of.sum(axis=1), 1))


def bounds(points: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of points [x, y], or of those labelled among [x, y, v]."""
    places = np.array([place[:2] for place in points if len(place) < 3 or place[2]] or [[0.0, 0.0]], dtype=np.float64)
    return (*map(float, places.min(axis=0)), *map(float, places.max(axis=0)))  # type: ignore[return-value]


def framed(points: Sequence[Sequence[float]]) -> float:
    """Pixels² of the box around points [x, y], or around those labelled among [x, y, v]: what our COCO exports call a skeleton's area."""
    left, top, right, bottom = bounds(points)
    return (right - left) * (bottom - top)


def extents(boxes: Floats, picture: float | Floats) -> Floats:
    """Pixels² that skeletons are measured against, from their bounds; one of a single point is as a lone point is."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longest = sides.max(axis=1)
    return np.where(longest > 0, np.maximum(sides, longest[:, None] / FLATTEST).prod(axis=1), picture * (THICKNESS / SIGMA) ** 2)


def along(line: Sequence[Sequence[float]], count: int = SAMPLES) -> Floats:
    """`count` places at equal steps along a line, shape (count, 2)."""
    points = np.asarray(line, dtype=np.float64)
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0.0, steps[-1], count)
    return np.stack([np.interp(at, steps, points[:, 0]), np.interp(at, steps, points[:, 1])], axis=1)


def lines(one: Floats, other: Floats, picture: float | Floats) -> Floats:
    """Likeness of pairs of lines in a picture of so many pixels², or in one each, shape (n, 1), drawn in whichever direction.
    Shapes (n, places, 2)."""
    ways = [bell(((one - way) ** 2).sum(axis=-1), picture, THICKNESS).mean(axis=-1) for way in (other, other[:, ::-1])]
    return np.maximum(*ways)


def lone(one: Floats, other: Floats, picture: float | Floats) -> Floats:
    """Likeness of pairs of points in a picture of so many pixels², or in one each, shape (n,). Shapes (n, 2)."""
    return bell(((one - other) ** 2).sum(axis=-1), picture, THICKNESS)

"""The shape that stands for a cluster: the median of its edges for upright boxes and lone points, the medoid for all else. Pure numpy.

A box is four independent measurements, so the weighted median of each edge is what most people agree on: one sloppy edge of one
person moves nothing, and it is nearer to the truth than any single box. Outlines, masks, lines, skeletons, turned boxes and
spans are not: corners of two people do not correspond, an angle may be said in four ways, and a blend would be a shape
nobody drew. There the one is taken that is most like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.overlap import boxes
from workflows.quality.matching.sweep import Places

DIGITS = 9  # of coordinates that were reckoned


class Middles(NamedTuple):
    """Of `clusters` (n,) of so many upright boxes each, `nodes` (n, members): the median box `drawn` (n, 4) as x, y, w, h; how like it each member is,
    `like` (n, members); and where all are the `same` box (n,)."""

    clusters: Places
    nodes: Places
    drawn: Floats
    like: Floats
    same: NDArray[np.bool_]


def medians(values: Floats, weights: Floats) -> Floats:
    """Weighted medians along the second axis: values (n, members, k), weights (n, members) above 0; found (n, k).

    Where half of the weight lies on either side, the middle between the two.
    """
    order = np.argsort(values, axis=1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=1)
    sums = np.cumsum(np.take_along_axis(np.broadcast_to(weights[:, :, None], values.shape), order, axis=1), axis=1)
    half = sums[:, -1:, :] / 2
    slack = half * 1e-12
    low = (sums >= half - slack).argmax(axis=1)
    high = (sums > half + slack).argmax(axis=1)
    pick = [np.take_along_axis(ranked, places[:, None, :], axis=1)[:, 0, :] for places in (low, high)]
    return np.where(low == high, pick[0], (pick[0] + pick[1]) / 2)


def middles(bounds: Floats, sizes: Floats, weights: Floats, order: Places, starts: Places, chosen: NDArray[np.bool_]) -> Iterator[Middles]:
    """Of the `chosen` (clusters,) clusters, those with as many members together. `order` are objects by cluster, `starts` where each begins; `bounds`,
    `sizes` and `weights` of objects."""
    members = np.diff(np.r_[starts, len(order)])
    for size in np.unique(members[chosen]).tolist():
        clusters = np.flatnonzero(chosen & (members == size))
        nodes = order[starts[clusters][:, None] + np.arange(size)]
        edges = bounds[nodes]
        middle = medians(edges, weights[nodes])
        same = (edges == edges[:, :1]).all(axis=(1, 2))
        extent = middle[:, 2:] - middle[:, :2]
        repeated = np.repeat(middle, size, axis=0)
        like = boxes(repeated, edges.reshape(-1, 4), np.repeat(extent.prod(axis=1), size), sizes[nodes].reshape(-1)).reshape(-1, size)
        like[same] = 1.0
        yield Middles(clusters, nodes, np.hstack([middle[:, :2], extent]).round(DIGITS), like, same)


def medoid(members: Sequence[int], among: Sequence[int], weights: Sequence[float], like: Callable[[int, int], float], key: Callable[[int], str]) -> int:
    """Which of `among` has the greatest summed likeness to `members`, itself among them, weighted; of equals the one with the greatest weight of
    its own, then the first by `key`."""
    own = dict(zip(members, weights, strict=True))

    def rank(one: int) -> tuple[float, float, str]:
        worth = sum(weight * like(one, other) for other, weight in own.items())
        return (-round(worth, 9), -own[one], key(one))

    return min(among, key=rank)

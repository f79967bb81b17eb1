"""Average precision over thousands of pictures at a time: what `precision.picture` says of each, much sooner. Pure numpy.

In most pictures each detection meets one truth at most, and each truth one detection. These are in no question, whatever the order of
the scores, and are told for all together; wherever there is a choice, `precision.taken` itself is asked, of what has one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflows.quality.evaluation.precision import AREAS, LEAST, Flags, Floats, taken

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pictures:
    """A category in each of P pictures, one after the other: detections `first[p]` to `first[p + 1]` are those of picture p, the highest
    score first. `scores` (D,), `ranks` (D,) within the picture, `hit` and `ignored` (D, areas, thresholds); `truths` (P, areas) count."""

    first: Places
    scores: Floats
    ranks: NDArray[np.uint8]
    hit: Flags
    ignored: Flags
    truths: Places

    def of(self, pictures: Places) -> Pictures:
        """Only these, in this order."""
        counts = np.diff(self.first)[pictures]
        first = np.concatenate([[0], np.cumsum(counts)])
        places = np.repeat(self.first[pictures] - first[:-1], counts) + np.arange(first[-1])
        return Pictures(first, self.scores[places], self.ranks[places], self.hit[places], self.ignored[places], self.truths[pictures])


def ranges(counts: Places) -> tuple[Places, Places]:
    """(first, owner): where each begins when they stand one after the other, and whose each place is."""
    return np.concatenate([[0], np.cumsum(counts)]), np.repeat(np.arange(len(counts)), counts)


def crossed(found: Places, truths: Places) -> tuple[Places, Places]:
    """(detections, truths): places of every detection with every truth of its picture, of which there are so many in each."""
    each = found * truths
    first, owner = ranges(each)
    within, wide = np.arange(first[-1]) - first[owner], truths[owner]
    starts = [np.concatenate([[0], np.cumsum(counts)])[owner] for counts in (found, truths)]
    return starts[0] + within // np.maximum(wide, 1), starts[1] + within % np.maximum(wide, 1)


def pictures(
    scores: Floats, found: Places, truths: Places, pairs: tuple[Places, Places], like: Floats, own: Floats, sizes: Floats, lacking: Flags | None = None
) -> Pictures:
    """Detections against truths of P pictures.

    `scores` (D,) and `own` sizes in pixels² (D,) of the detections, picture by picture, each picture's in the order of `leading`; `sizes`
    (G,) of the truths; `found` and `truths` (P,) say how many are in each. `pairs` are (places of detections, places of truths) that are
    `like` each other, 0 to 1, once each; what is below the lowest threshold may be left out. `lacking` truths (G,) need not be found.
    """
    aside = (np.zeros(len(sizes), dtype=bool) if lacking is None else lacking) | (sizes < AREAS[:, :1]) | (sizes > AREAS[:, 1:])
    outside = (own < AREAS[:, :1]) | (own > AREAS[:, 1:])
    near = np.flatnonzero(like >= LEAST[0])
    rows, columns, like = pairs[0][near], pairs[1][near], like[near]
    hit = np.zeros((len(scores), len(AREAS), len(LEAST)), dtype=bool)
    ignored = np.zeros_like(hit)
    first, owner = ranges(found)
    asked = np.zeros(len(found), dtype=bool)
    for side in (rows, columns):
        asked[owner[rows[np.bincount(side)[side] > 1]]] = True
    sure = ~asked[owner[rows]]
    one, other = rows[sure], columns[sure]
    hit[one] = (like[sure, None] >= LEAST)[:, None, :]
    ignored[one] = hit[one] & aside.T[other][:, :, None]
    left = np.flatnonzero(~sure)
    left = left[np.argsort(owner[rows[left]], kind="stable")]
    for places in np.split(left, np.flatnonzero(np.diff(owner[rows[left]])) + 1) if len(left) else ():
        mine, row = np.unique(rows[places], return_inverse=True)
        theirs, column = np.unique(columns[places], return_inverse=True)
        table = np.zeros((len(mine), len(theirs)))
        table[row, column] = like[places]
        made, aside_of = taken(table, np.zeros(len(theirs), dtype=bool), aside[:, theirs])
        hit[mine], ignored[mine] = np.moveaxis(made, 2, 0), np.moveaxis(aside_of, 2, 0)
    counts = ranges(truths)[0]
    told = np.concatenate([np.zeros((1, len(AREAS)), dtype=np.intp), np.cumsum(~aside, axis=1).T])
    ranks = np.arange(len(scores)) - first[owner]
    return Pictures(first, scores, ranks.astype(np.uint8), hit, ignored | (~hit & outside.T[:, :, None]), told[counts[1:]] - told[counts[:-1]])

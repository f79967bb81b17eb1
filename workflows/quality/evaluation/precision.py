"""COCO's average precision and recall of scored things, gathered picture by picture: what is kept of a detection is 19 bytes. Pure numpy.

This one definition matches in its own way: detections take, in the order of their scores, the truth they overlap most, so that a
figure here can stand beside those of papers. All else is matched by `matching`.
Source: Lin et al., "Microsoft COCO" (2014), as `pycocotools.cocoeval` computes it.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflows.quality.evaluation.names import AREAS as NAMES

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
THRESHOLDS = np.linspace(0.5, 0.95, 10)
LEAST = np.minimum(THRESHOLDS, 1 - 1e-10)
RECALLS = np.linspace(0.0, 1.0, 101)
AREAS = np.array([[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]])  # all, small, medium, large; pixels²
MOST = (1, 10, 100)  # detections of a category in a picture
_STEPS = len(THRESHOLDS)
Table = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Picture:
    """A category in a picture, D detections from the highest score on: `scores` (D,), `hit` and `ignored` (areas, thresholds, D), and
    how many truths count in each range of areas."""

    scores: Floats
    hit: Flags
    ignored: Flags
    truths: NDArray[np.intp]


def leading(scores: Sequence[float], most: int = MOST[-1]) -> list[int]:
    """Places of the detections of a picture that are looked at, the highest score first; of equals the first."""
    return sorted(range(len(scores)), key=lambda place: -scores[place])[:most]


def picture(scores: Sequence[float], overlaps: Floats, own: Floats, sizes: Floats, crowd: Flags | None = None, lacking: Flags | None = None) -> Picture:
    """Detections in the order of `leading`, against the truths: `overlaps` (D, G), `own` sizes of the detections (D,), `sizes` of the
    truths (G,) in pixels², which of those are a crowd, that may be found any number of times and need not be, and which are `lacking`:
    they need not be found either."""
    crowd = np.zeros(len(sizes), dtype=bool) if crowd is None else crowd
    aside = (crowd if lacking is None else crowd | lacking) | (sizes < AREAS[:, :1]) | (sizes > AREAS[:, 1:])
    outside = (own < AREAS[:, :1]) | (own > AREAS[:, 1:])
    hit, ignored = taken(overlaps, crowd, aside)
    return Picture(np.asarray(scores, dtype=np.float64), hit, ignored | (~hit & outside[:, None, :]), (~aside).sum(axis=1))


class Gathered:
    """All pictures of a category, in the order in which they came: of equal scores the earlier counts first. With `areas` 1, things
    of all sizes together and nothing more: 13 bytes for each."""

    def __init__(self, areas: int = len(AREAS)) -> None:
        self.areas = areas
        self.truths = np.zeros(len(AREAS), dtype=np.intp)
        self._scores, self._ranks = array("d"), bytearray()
        self._hit, self._ignored = bytearray(), bytearray()

    def __len__(self) -> int:
        return len(self._scores)

    def add(self, one: Picture) -> None:
        ranks = np.arange(len(one.scores), dtype=np.uint8)
        self.extend(one.scores, ranks, np.moveaxis(one.hit, 2, 0), np.moveaxis(one.ignored, 2, 0), one.truths)

    def extend(self, scores: Floats, ranks: NDArray[np.uint8], hit: Flags, ignored: Flags, truths: NDArray[np.intp]) -> None:
        """Of pictures one after the other: D detections with their ranks in their picture, flags (D, areas, thresholds), truths (areas,)."""
        self.truths += truths
        if len(scores):
            self._scores.frombytes(scores.tobytes())
            self._ranks += ranks.tobytes()
            for kept, flags in ((self._hit, hit), (self._ignored, ignored)):
                kept += np.packbits(flags[:, : self.areas].reshape(len(scores), self.areas * _STEPS), axis=1).tobytes()

    def table(self, most: Sequence[int] = MOST) -> Table:
        """(precision (areas, most, thresholds, recalls), recall (areas, most, thresholds)), nan where there is nothing to find, or
        nothing was asked: a figure of few limits costs that much less."""
        shape = len(AREAS), len(MOST), len(THRESHOLDS)
        precision, recall = np.full((*shape, len(RECALLS)), np.nan), np.full(shape, np.nan)
        scores, ranks = np.frombuffer(self._scores, dtype=np.float64), np.frombuffer(self._ranks, dtype=np.uint8)
        hits, aside = self._flags(self._hit), self._flags(self._ignored)
        for place, limit in enumerate(MOST):
            if limit not in most:
                continue
            some = np.flatnonzero(ranks < limit)
            order = some[np.argsort(-scores[some], kind="stable")]
            for area in np.flatnonzero(self.truths[: self.areas]).tolist():
                for step in range(len(THRESHOLDS)):  # one after the other: together they would be ten times the detections
                    hit, counts = hits[order, area, step], ~aside[order, area, step]
                    right, wrong = np.cumsum(hit & counts), np.cumsum(~hit & counts)
                    precision[area, place, step], recall[area, place, step] = _curve(right, wrong, int(self.truths[area]))
        return precision, recall

    def best(self) -> tuple[float, float] | None:
        """(score, F1): from which score on the detections have the greatest F1 at an overlap of half; None where there is none to find."""
        if not self.truths[0] or not len(self):
            return None
        scores = np.frombuffer(self._scores, dtype=np.float64)
        order = np.argsort(-scores, kind="stable")
        hit, ignored = (self._flags(flags)[order, 0, 0] for flags in (self._hit, self._ignored))
        right, wrong = np.cumsum(hit & ~ignored), np.cumsum(~hit & ~ignored)
        ends = np.flatnonzero(np.r_[np.diff(scores[order]) != 0, True])  # a threshold takes all of one score
        f1 = 2 * right[ends] / (right[ends] + wrong[ends] + int(self.truths[0]))
        place = int(f1.argmax())
        return float(scores[order][ends[place]]), float(f1[place])

    def _flags(self, packed: bytearray) -> Flags:
        """(D, areas, thresholds)"""
        count = self.areas * _STEPS
        rows = np.frombuffer(packed, dtype=np.uint8).reshape(len(self), (count + 7) // 8)
        return np.unpackbits(rows, axis=1, count=count).astype(bool).reshape(len(rows), self.areas, _STEPS)


def _curve(right: NDArray[np.intp], wrong: NDArray[np.intp], truths: int) -> tuple[Floats, float]:
    """Precision at each of `RECALLS`, never less than at a higher one; and the recall in the end."""
    found = np.zeros(len(RECALLS))
    if not len(right):
        return found, 0.0
    recall = right / truths
    precise = np.maximum.accumulate((right / (right + wrong + np.spacing(1)))[::-1])[::-1]
    places = np.searchsorted(recall, RECALLS, side="left")
    inside = places < len(recall)
    found[inside] = precise[places[inside]]
    return found, float(recall[-1])


def taken(overlaps: Floats, crowd: Flags, aside: Flags) -> tuple[Flags, Flags]:
    """(hit, hit on what is set aside), (areas, thresholds, D), when every detection takes in turn what it overlaps most.

    A truth that counts goes before one that is set aside, however little it overlaps; of equals the last.
    """
    count, truths = overlaps.shape
    shape = len(AREAS), len(THRESHOLDS)
    hit, ignored = np.zeros((2, *shape, count), dtype=bool)
    if not truths:
        return hit, ignored
    free = np.ones((*shape, truths), dtype=bool)
    least = LEAST[:, None]
    areas, steps = np.indices(shape)
    for place, row in enumerate(overlaps):
        if row.max() < least[0]:
            continue
        possible = (free | crowd) & (row >= least)
        counted = possible & ~aside[:, None, :]
        choice = np.where(counted.any(axis=-1, keepdims=True), counted, possible)
        best = truths - 1 - np.where(choice, row, -1.0)[..., ::-1].argmax(axis=-1)
        made = choice.any(axis=-1)
        hit[..., place] = made
        ignored[..., place] = made & aside[areas, best]
        free[areas[made], steps[made], best[made]] = False
    return hit, ignored


def figures(tables: Sequence[Table], names: Sequence[str] = NAMES) -> dict[str, float | None]:
    """Figures over the categories with these tables, by name; None where there is no truth to find."""
    if not tables:
        return dict.fromkeys(names)
    precision, recall = (np.stack(side) for side in zip(*tables, strict=True))
    return {name: _mean(_part(name, precision, recall)) for name in names}


def _part(name: str, precision: Floats, recall: Floats) -> Floats:
    """What a figure is the mean of: AP or AR, then a size (s, m, l), a threshold in hundredths, or of AR how many detections."""
    table, of = (precision if name.startswith("AP") else recall), name[2:]
    most, area = len(MOST) - 1, "_sml".find(of) if of else 0
    if area >= 0:
        return np.asarray(table[:, area, most])
    if name.startswith("AR") and int(of) in MOST:
        return np.asarray(table[:, 0, MOST.index(int(of))])
    return np.asarray(table[:, 0, most, int(np.abs(THRESHOLDS * 100 - int(of)).argmin())])


def _mean(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None

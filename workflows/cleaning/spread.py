"""How scores are spread: a histogram with exact counts at its edges, in one pass over pieces that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

BARS = 60
PIECE = 1 << 15  # scores
MOST_ALIKE = 2  # one in so many at least that is told together
FINER = 4  # cells of a ruler for each edge
SEEN = 50_000  # scores that tell where most of them lie
Floats = NDArray[np.floating[Any]]


def histogram(scores: Floats, threshold: float | None) -> dict[str, Any]:
    """{"edges": […], "counts": […], "below": […]}: `below` counts scores strictly less than each edge, so that a line put on an edge tells
    its count without asking again (`equal` of them lie on it). The threshold is one of the edges; outer bars take what lies beyond. Scores
    that are no finite numbers are left out."""
    line = threshold if threshold is not None and np.isfinite(threshold) else None
    bounds = _bounds(scores)
    if bounds is None:
        return {"edges": [], "counts": [], "below": [], "equal": []}
    low, high = bounds if line is None else (min(bounds[0], line), max(bounds[1], line))
    edges = _nice(low, high)
    if line is not None:
        edges = np.unique(np.append(edges, line))
    upto, equal = np.zeros(len(edges) + 1, np.int64), np.zeros(len(edges) + 1, np.int64)
    ruler, before = _Ruler(edges), np.concatenate([[np.nan], edges])
    for some in _finite(scores):
        for piece, times in _mostly(some):
            place = ruler.places(piece)
            upto += times * np.bincount(place, minlength=len(edges) + 1)
            on = place[piece == before[place]]
            if len(on):
                equal += times * np.bincount(on, minlength=len(edges) + 1)
    total, below = int(upto.sum()), np.cumsum(upto)[:-1]
    counts = np.diff(np.concatenate([[0], below[1:-1], [total]])) if len(edges) > 2 else np.array([total])
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "below": below.tolist(),
        "equal": equal[1:].tolist(),
        "total": total,
    }


class _Ruler:
    """Tells how many edges are not more than a score, as a search among them does, in a tenth of the time: an even grid finer than the edges
    tells it by a division, but for the few edges that lie in the score's cell, or a rounding beside it, and are compared with."""

    def __init__(self, edges: NDArray[np.float64]) -> None:
        span = float(edges[-1] - edges[0])
        cells = FINER * len(edges) if 0 < span < np.inf else 1
        self.low, self.cells, self.scale = edges[0], cells, cells / span if cells > 1 else 0.0
        at = (edges - self.low) * self.scale if cells > 1 else np.zeros(len(edges))
        first, last = (np.clip(np.floor(at + beside), 0, cells - 1).astype(np.intp) for beside in (-0.01, 0.01))
        self.passed = np.cumsum(np.bincount(last + 1, minlength=cells + 1))[:cells]  # edges before each cell
        inside = [edges[(first <= cell) & (cell <= last)] for cell in range(cells)]
        self.near = np.full((max(map(len, inside)), cells), np.inf)
        for cell, some in enumerate(inside):
            self.near[: len(some), cell] = some

    def places(self, scores: Floats) -> NDArray[np.intp]:
        """Of finite scores."""
        with np.errstate(over="ignore"):
            cell = np.clip((scores - self.low) * self.scale, 0, self.cells - 1).astype(np.intp)
        place = self.passed[cell]
        for edges in self.near:
            place += scores >= edges[cell]
        return place


def _finite(scores: Floats) -> Iterator[Floats]:
    for start in range(0, len(scores), PIECE):
        piece = scores[start : start + PIECE]
        there = np.isfinite(piece)
        yield piece if there.all() else piece[there]


def _mostly(scores: Floats) -> Iterator[tuple[Floats, int]]:
    """Scores with how often each counts: where most are the lowest, as with objects that have no fault, that is told once for all of them."""
    if not len(scores):
        return
    same = scores == scores.min()
    often = int(np.count_nonzero(same))
    if MOST_ALIKE * often < len(scores):
        yield scores, 1
        return
    yield scores[same][:1], often
    if often < len(scores):
        yield scores[~same], 1


def _bounds(scores: Floats) -> tuple[float, float] | None:
    """Between what the scores lie; of many, all but a thousandth at each end, for far ones would leave all others one bar."""
    ends = [(piece.min(), piece.max(), len(piece)) for piece in _finite(scores) if len(piece)]
    if not ends:
        return None
    total = sum(size for _low, _high, size in ends)
    if total <= 10_000:
        return float(min(low for low, _high, _size in ends)), float(max(high for _low, high, _size in ends))
    some = np.concatenate(list(_finite(scores[:: max(1, len(scores) // SEEN)])))
    if not len(some):
        return float(min(low for low, _high, _size in ends)), float(max(high for _low, high, _size in ends))
    beyond = len(some) // 1000
    low, high = np.partition(some, [beyond, len(some) - 1 - beyond])[[beyond, len(some) - 1 - beyond]]
    return float(low), float(high)


def _nice(low: float, high: float) -> NDArray[np.float64]:
    """Some `BARS` edges on round numbers around low … high."""
    if high <= low:
        high = low + max(abs(low) * 0.1, 1e-6)
    raw = (high - low) / BARS
    power = 10.0 ** np.floor(np.log10(raw))
    step = power * next(many for many in (1, 2, 2.5, 5, 10) if many * power >= raw)
    first, last = np.floor(low / step), np.ceil(high / step)
    edges = np.arange(first, last + 1) * step
    digits = max(0, int(2 - np.floor(np.log10(step))))
    return np.asarray(np.unique(np.round(edges, digits)))


def extreme(scores: Floats, among: NDArray[np.bool_], many: int, *, largest: bool) -> NDArray[np.int64]:
    """Rows of the `many` largest (or smallest) scores `among` these, in no order; of equal ones, and of those that are no numbers, the first."""
    rows, kept, bar = np.empty(0, np.int64), np.empty(0), -np.inf
    for start in range(0, len(scores), PIECE):
        piece = scores[start : start + PIECE] if largest else -scores[start : start + PIECE]
        with np.errstate(invalid="ignore"):
            better = among[start : start + PIECE] & (~(piece <= bar) if len(rows) < many else piece > bar)
        found = np.flatnonzero(better)
        if not len(found):
            continue
        rows = np.concatenate([rows, found + start])
        kept = np.concatenate([kept, np.nan_to_num(piece[found].astype(np.float64), nan=-np.inf)])
        if len(rows) > many:
            order = np.lexsort((rows, -kept))[:many]
            rows, kept = rows[order], kept[order]
        if len(rows) >= many:
            bar = kept.min()
    return rows

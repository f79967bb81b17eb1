"""What a rule's verdict comes to: counts, a histogram with its threshold, what is worst and what only just passed."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import BELOW, Kind, Verdict

BARS = 60
SHOWN = 24


def summary(kind: Kind, verdict: Verdict, items: NDArray[np.int64], threshold: float | None) -> dict[str, Any]:
    """As kept with the run. `items`: the item of each row, ascending (of kinds without, the row's number). `checked` and `caught` count items;
    `rows` counts what was caught of them, where several objects of an item may be. `worst` and `near` are [item, score, row]
    lists; of objects the caller says their place in the item instead of the row."""
    known = ~np.isnan(verdict.scores)
    caught = verdict.caught
    out: dict[str, Any] = {
        "checked": _count(items[known | caught]),
        "caught": _count(items[caught]),
        "rows": int(caught.sum()),
        "histogram": histogram(verdict.scores[known], threshold),
        "worst": _samples(verdict, items, np.flatnonzero(caught), kind.side),
        "near": [],
    }
    if kind.line:
        out["near"] = _samples(verdict, items, np.flatnonzero(known & ~caught), kind.side)
    return out


def _count(items: NDArray[np.int64]) -> int:
    """Of the different items, which ascend."""
    return int(np.count_nonzero(items[1:] != items[:-1])) + 1 if len(items) else 0


def _samples(verdict: Verdict, items: NDArray[np.int64], rows: NDArray[np.int64], side: str) -> list[list[Any]]:
    """The worst of what is caught, or what is nearest to the line of what is not; one row of an item."""
    scores = verdict.scores[rows]
    far_first = side != BELOW  # the worst lie farthest, and of what passed the farthest are the nearest to the line
    scores = np.where(np.isnan(scores), -np.inf if far_first else np.inf, scores)
    if len(rows) > 4 * SHOWN:  # only few are looked at
        part = np.argpartition(-scores if far_first else scores, 4 * SHOWN)[: 4 * SHOWN]
        rows, scores = rows[part], scores[part]
    order = np.lexsort((items[rows], -scores if far_first else scores))
    found: dict[int, list[Any]] = {}
    for row in rows[order]:
        score = float(verdict.scores[row])
        found.setdefault(int(items[row]), [int(items[row]), None if np.isnan(score) else score, int(row)])
    return list(found.values())[:SHOWN]


def histogram(scores: NDArray[np.float64], threshold: float | None) -> dict[str, Any]:
    """{"edges": […], "counts": […], "below": […]}: `below` counts scores strictly less than each edge, so that a line put on an edge tells
    its count without asking again (`equal` of them lie on it). The threshold is one of the edges; outer bars take what lies beyond."""
    finite = scores[np.isfinite(scores)]
    if not len(finite):
        return {"edges": [], "counts": [], "below": [], "equal": []}
    total = len(finite)
    beyond = total // 1000 if total > 10_000 else 0  # far ones would leave all others one bar
    low, high = np.partition(finite, [beyond, total - 1 - beyond])[[beyond, total - 1 - beyond]] if beyond else (finite.min(), finite.max())
    if threshold is not None and np.isfinite(threshold):
        low, high = min(low, threshold), max(high, threshold)
    edges = _nice(float(low), float(high))
    if threshold is not None and np.isfinite(threshold):
        edges = np.unique(np.append(edges, threshold))
    below, upto = _cumulated(edges, finite, "right"), _cumulated(edges, finite, "left")
    counts = np.diff(np.concatenate([[0], below[1:-1], [total]])) if len(edges) > 2 else np.array([total])
    return {
        "edges": [float(edge) for edge in edges],
        "counts": [int(count) for count in counts],
        "below": [int(count) for count in below],
        "equal": [int(count) for count in upto - below],
        "total": total,
    }


def _cumulated(edges: NDArray[np.float64], scores: NDArray[np.float64], side: Literal["left", "right"]) -> NDArray[np.int64]:
    """How many scores are less than each edge ("right"), or not more than it ("left"); by looking each up among the few edges."""
    return np.cumsum(np.bincount(np.searchsorted(edges, scores, side), minlength=len(edges) + 1))[:-1]


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


def overlaps(caught: dict[int, NDArray[np.int64]]) -> list[list[int]]:
    """[rule, other rule, items that both caught] of each pair that shares some; `caught`: item ids by rule, ascending and once each."""
    rules = sorted(caught)
    found = []
    for place, rule in enumerate(rules):
        for other in rules[place + 1 :]:
            both = len(np.intersect1d(caught[rule], caught[other], assume_unique=True))
            if both:
                found.append([rule, other, both])
    return found

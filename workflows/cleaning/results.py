"""What a rule's verdict comes to: counts, a histogram with its threshold, what is worst and what only just passed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import BELOW, Kind, Verdict
from workflows.cleaning.spread import extreme, histogram

SHOWN = 24
LOOKED = 4 * SHOWN  # rows, of which several may be of one item


def summary(kind: Kind, verdict: Verdict, items: NDArray[np.int64], threshold: float | None) -> dict[str, Any]:
    """As kept with the run. `items`: the item of each row, ascending (of kinds without, the row's number). `checked` and `caught` count items;
    `rows` counts what was caught of them, where several objects of an item may be. `worst` and `near` are [item, score, row]
    lists; of objects the caller says their place in the item instead of the row."""
    caught = verdict.caught
    checked = ~np.isnan(verdict.scores) | caught
    out: dict[str, Any] = {
        "checked": _count(items if checked.all() else items[checked]),
        "caught": _count(items[caught]),
        "rows": int(np.count_nonzero(caught)),
        "histogram": histogram(verdict.scores, threshold),
        "worst": _samples(verdict, items, caught, kind.side),
        "near": [],
    }
    if kind.line:
        out["near"] = _samples(verdict, items, np.isfinite(verdict.scores) & ~caught, kind.side)  # what no other is like did not only just pass
    return out


def _count(items: NDArray[np.int64]) -> int:
    """Of the different items, which ascend."""
    return int(np.count_nonzero(items[1:] != items[:-1])) + 1 if len(items) else 0


def _samples(verdict: Verdict, items: NDArray[np.int64], among: NDArray[np.bool_], side: str) -> list[list[Any]]:
    """The worst of what is caught, or what is nearest to the line of what is not; one row of an item."""
    far_first = side != BELOW  # the worst lie farthest, and of what passed the farthest are the nearest to the line
    rows = extreme(verdict.scores, among, LOOKED, largest=far_first)
    scores = verdict.scores[rows]
    scores = np.where(np.isnan(scores), np.inf, -scores if far_first else scores)
    found: dict[int, list[Any]] = {}
    for row in rows[np.lexsort((items[rows], scores))]:
        score = float(verdict.scores[row])
        found.setdefault(int(items[row]), [int(items[row]), None if np.isnan(score) else score, int(row)])
    return list(found.values())[:SHOWN]


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

"""Spans of text: characters that both have by characters that either has; F1, exact and overlapping. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.assign import assign
from workflows.quality.matching.sweep import Places, meeting


class Spans:
    """Compares spans [start, end) of two lists, in code points."""

    def __init__(self, ones: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> None:
        self.bounds = tuple(np.array([[thing["start"], 0, thing["end"], 0] for thing in side], dtype=np.float64) for side in (ones, others))

    def __call__(self, rows: Places, columns: Places) -> Floats:
        """0 apart, 1 the same."""
        a, b = self.bounds[0][rows], self.bounds[1][columns]
        both = np.maximum(0.0, np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0]))
        return np.asarray(both / (a[:, 2] - a[:, 0] + b[:, 2] - b[:, 0] - both))


def span_f1(truth: Sequence[dict[str, Any]], answer: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """F1 (exact, overlapping): spans with the same label and the same characters, or with any in common, one to one."""
    total = len(truth) + len(answer)
    if not truth or not answer:
        return (0.0, 0.0) if total else (1.0, 1.0)
    exact, some = span_pairs(truth, answer)
    return 2 * len(exact[0]) / total, 2 * len(some[0]) / total


def span_pairs(truth: Sequence[dict[str, Any]], answer: Sequence[dict[str, Any]]) -> tuple[tuple[Places, Places], tuple[Places, Places]]:
    """Pairs behind that F1, exact and overlapping: places in the truth and in the answer."""
    none = np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    if not truth or not answer:
        return none, none
    compare = Spans(truth, answer)
    parts = list(meeting(*compare.bounds))
    if not parts:
        return none, none
    rows, columns = (np.concatenate(side) for side in zip(*parts, strict=True))
    names = [np.array([thing["label"] for thing in side]) for side in (truth, answer)]
    like = compare(rows, columns) * (names[0][rows] == names[1][columns])
    found = []
    for kept in (like >= 1.0, like > 0):
        taken = assign(rows[kept], columns[kept], np.ones(int(kept.sum())))
        found.append((rows[kept][taken], columns[kept][taken]))
    return found[0], found[1]

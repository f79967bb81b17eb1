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
    compare = Spans(truth, answer)
    parts = list(meeting(*compare.bounds))
    if not parts:
        return 0.0, 0.0
    rows, columns = (np.concatenate(side) for side in zip(*parts, strict=True))
    names = [np.array([thing["label"] for thing in side]) for side in (truth, answer)]
    like = compare(rows, columns) * (names[0][rows] == names[1][columns])
    exact, some = (len(assign(rows[kept], columns[kept], np.ones(int(kept.sum())))) for kept in (like >= 1.0, like > 0))
    return 2 * exact / total, 2 * some / total

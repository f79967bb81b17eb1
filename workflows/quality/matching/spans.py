"""Likeness of spans of text: characters that both have, by characters that either has. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.sweep import Places


class Spans:
    """Compares spans [start, end) of two lists, in code points."""

    def __init__(self, ones: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> None:
        self.bounds = tuple(np.array([[thing["start"], 0, thing["end"], 0] for thing in side], dtype=np.float64) for side in (ones, others))

    def __call__(self, rows: Places, columns: Places) -> Floats:
        """0 apart, 1 the same."""
        a, b = self.bounds[0][rows], self.bounds[1][columns]
        both = np.maximum(0.0, np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0]))
        return np.asarray(both / (a[:, 2] - a[:, 0] + b[:, 2] - b[:, 0] - both))

"""Verdicts that rules have in common: yes or no, a copy of something, equals on different sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures import equal
from workflows.cleaning.rules.kind import Verdict

Mask = NDArray[np.bool_]


def yes_or_no(caught: Mask, known: Mask | None = None, **details: NDArray[Any]) -> Verdict:
    """Score 1 for what is caught, 0 for the rest, NaN where nothing is known."""
    if known is None:
        return Verdict(caught.astype(np.float64), caught, details=details)
    return Verdict(np.where(known, caught, np.nan), caught & known, details=details)


def all_but_first(keys: NDArray[Any], order: NDArray[Any], known: Mask) -> Verdict:
    """Caught is every row with the key of one before it, which is its partner; the score is how many rows have the key."""
    counts, keepers = equal.copies(keys, order, known)
    return Verdict(counts, keepers >= 0, keepers)


def on_two_sides(keys: NDArray[Any], sides: NDArray[Any], order: NDArray[Any], known: Mask) -> Verdict:
    """Caught is every row with whose key there are rows on other sides; the score is on how many sides they stand."""
    counts, partners = equal.crossings(keys, sides, order, known)
    return Verdict(counts, partners >= 0, partners)

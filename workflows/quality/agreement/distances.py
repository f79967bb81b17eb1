"""How far apart two answers are: by rank, by a matrix of the caller's, or by what two sets of options share. Pure numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workflows.quality.agreement.tables import Floats, Ratings

Sets = frozenset[Any]


def by_rank(ratings: Ratings, weights: str | ArrayLike) -> Floats:
    """(k, k) disagreements 1 − weight: "linear" |i − j| ÷ (k − 1), "quadratic" its square, "identity" 0 or 1; or from a matrix
    of weights (1 agrees in full) in the order of the categories.

    Errors: ValueError for another word, a matrix of another shape or without 1 on its diagonal, or categories without an order.
    """
    count = len(ratings.categories)
    if not isinstance(weights, str):
        ratings.in_order()
        return 1 - matrix(ratings, weights, 1.0)
    if weights == "identity":
        return 1 - np.eye(count)
    if weights not in ("linear", "quadratic"):
        raise ValueError(f"weights {weights!r}: linear, quadratic, identity, or a matrix")
    ratings.in_order()
    ranks = np.arange(count)
    apart = np.abs(ranks[:, None] - ranks) / max(count - 1, 1)
    return np.asarray(apart if weights == "linear" else apart**2)


def matrix(ratings: Ratings, given: ArrayLike, diagonal: float) -> Floats:
    """The caller's matrix, looked at: finite, symmetric, k × k with that diagonal; else ValueError that names the place."""
    found = np.asarray(given, dtype=np.float64)
    count = len(ratings.categories)
    if found.shape != (count, count):
        raise ValueError(f"the matrix has shape {found.shape} for {count} categories: give one row and one column for each of `categories`")
    wrong = ~np.isfinite(found) | (found != found.T) | (np.eye(count, dtype=bool) & (found != diagonal))
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        raise ValueError(f"the matrix at row {row}, column {column}: {found[row, column]} (finite, the same both ways, {diagonal:g} on the diagonal)")
    return found


def of_sets(ratings: Ratings, distance: Callable[[Sets, Sets], float]) -> Floats:
    """(k, k) distances of categories that are sets of options; a single value is a set of one."""
    sets = [one if isinstance(one, frozenset) else frozenset([one]) for one in ratings.categories]
    found = np.zeros((len(sets), len(sets)))
    for row, one in enumerate(sets):
        for column in range(row):
            found[row, column] = found[column, row] = distance(one, sets[column])
    return found


def masi(one: Sets, other: Sets) -> float:
    """0 equal, 1 disjoint: 1 − Jaccard × (1 equal, 2/3 one within the other, 1/3 overlapping). Two empty sets are equal.

    Source: R. Passonneau, "Measuring agreement on set-valued items (MASI)", LREC 2006.
    """
    if one == other:
        return 0.0
    shared = len(one & other)
    return 1 - shared / len(one | other) * (2 / 3 if one < other or other < one else 1 / 3)


def jaccard(one: Sets, other: Sets) -> float:
    """0 equal, 1 disjoint: 1 − shared ÷ all. Two empty sets are equal."""
    return 0.0 if one == other else 1 - len(one & other) / len(one | other)


SETS: dict[str, Callable[[Sets, Sets], float]] = {"masi": masi, "jaccard": jaccard}


def largest(matrix: Floats, codes: Sequence[int]) -> float:
    """The greatest distance between categories that occur."""
    return float(matrix[np.ix_(codes, codes)].max(initial=0.0))

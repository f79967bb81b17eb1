"""Krippendorff's α: any number of people, gaps, and any kind of answer. Pure numpy.

α = 1 − Do ÷ De. Every ordered pair of answers to one unit adds its distance δ² ÷ (m − 1) to Do, for a unit with m ≥ 2 answers; De
is the same over all answers as if they belonged to one unit. Units with one answer drop out.
Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011); "Content analysis" (2004), chapter 11.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workflows.quality.agreement import bootstrap
from workflows.quality.agreement.distances import SETS, matrix, of_sets
from workflows.quality.agreement.intervals import LEVEL
from workflows.quality.agreement.measured import Measured
from workflows.quality.agreement.patterns import Block, Distance, Patterns, blocks, by_matrix, patterns, unlike
from workflows.quality.agreement.tables import Floats, Given, Ratings, read

METRICS = ("nominal", "ordinal", "interval", "ratio", *SETS)
ROWS = 256  # of a matrix of distances at a time
Made = tuple[bootstrap.Statistic, Callable[[], float]]  # and the observed disagreement if every pair were as far apart as any is


def alpha(
    ratings: Given,
    metric: str | ArrayLike = "nominal",
    *,
    categories: Sequence[Any] | None = None,
    block: Block | None = None,
    resamples: int = bootstrap.RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Measured:
    """α of a units × raters table (None for missing) or of triples (rater, unit, value); its interval is over units, or over
    what `block` makes of them: units of which it says the same, such as the things of a picture, are drawn together.

    `metric`: "nominal" (another name), "ordinal" (ranks, in the order of numbers or of `categories`), "interval" (a − b)²,
    "ratio" ((a − b) ÷ (a + b))², "masi" or "jaccard" for sets of options, or a k × k matrix that holds δ² itself in the order
    of `categories`. Without value: `no_pairs`, `one_category`.
    Errors: ValueError that names the rating or the metric that does not fit.
    """
    table = read(ratings, categories)
    bags = patterns(table)
    units = int(bags.times.sum())
    statistic, worst = _statistic(table, bags, metric, categories is not None)
    return bootstrap.measure(
        statistic,
        bags.times,
        units=units,
        ratings=bags.answers,
        one_category=bags.met < 2,
        worst=worst,
        resamples=resamples,
        level=level,
        seed=seed,
        wide=max(len(bags.code), bags.categories),
        blocks=blocks(table, bags, block),
    )


def _statistic(table: Ratings, bags: Patterns, metric: str | ArrayLike, named: bool) -> Made:
    if not isinstance(metric, str):
        if not named:
            raise ValueError("a matrix of distances needs `categories`, which say what its rows are")
        return _fixed(bags, by_matrix(matrix(table, metric, 0.0)))
    if metric in SETS:
        return _fixed(bags, by_matrix(of_sets(table, SETS[metric])))
    if metric == "nominal":
        return _nominal(bags)
    if metric == "ordinal":
        table.in_order()
        return _ordinal(bags)
    if metric == "interval":
        return _interval(bags, table.numbers())
    if metric == "ratio":
        return _fixed(bags, _ratio(table.numbers()))
    raise ValueError(f"metric {metric!r}: {', '.join(METRICS)}, or a matrix of distances")


def _nominal(bags: Patterns) -> Made:
    count = bags.counter()
    apart = bags.within(unlike) / (bags.size - 1)

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        met, answers = count(weights), weights @ bags.size
        return weights @ apart / answers, (answers**2 - (met**2).sum(axis=1)) / (answers * (answers - 1))

    return statistic, lambda: 1.0


def _interval(bags: Patterns, numbers: Floats) -> Made:
    """Sums and squares are enough; from the middle, so that large numbers keep their digits."""
    worth = numbers[bags.code]
    worth = worth - worth.mean() if len(worth) else worth
    sums, squares = (np.bincount(bags.pattern, part, len(bags.times)) for part in (worth, worth**2))
    apart = bags.within(lambda one, other: np.asarray((numbers[one] - numbers[other]) ** 2)) / (bags.size - 1)

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        answers = weights @ bags.size
        spread = 2 * (answers * (weights @ squares) - (weights @ sums) ** 2)
        return weights @ apart / answers, np.where(spread > 1e-12 * answers**2 * squares.max(initial=0.0), spread, 0.0) / (answers * (answers - 1))

    return statistic, lambda: float(np.ptp(worth) ** 2)


def _ordinal(bags: Patterns) -> Made:
    """δ is the distance of mid-ranks, and ranks depend on how often each category was drawn: they are made anew each time."""
    count = bags.counter()
    starts = bags.starts

    def ranks(weights: Floats) -> tuple[Floats, Floats]:
        met = count(weights)
        return met, np.cumsum(met, axis=1) - met / 2 - met.sum(axis=1, keepdims=True) / 2

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        met, rank = ranks(weights)
        answers = weights @ bags.size
        each = rank[:, bags.code]
        middle = np.add.reduceat(each, starts, axis=1) / bags.size
        off = np.add.reduceat((each - middle[:, bags.pattern]) ** 2, starts, axis=1)
        observed = (weights * off * (2 * bags.size / (bags.size - 1))).sum(axis=1) / answers
        spread = 2 * (answers * (met * rank**2).sum(axis=1) - (met * rank).sum(axis=1) ** 2)
        alone = (met > 0).sum(axis=1) < 2
        return observed, np.where(alone, 0.0, spread) / (answers * (answers - 1))

    def worst() -> float:
        rank = ranks(bags.times[None, :].astype(np.float64))[1][0, np.unique(bags.code)]
        return float(np.ptp(rank) ** 2)

    return statistic, worst


def _ratio(numbers: Floats) -> Distance:
    if len(numbers) and numbers.min() < 0:
        raise ValueError(f"{numbers.min():g} is below 0: the ratio metric is for amounts")

    def distance(one: Any, other: Any) -> Floats:
        a, b = numbers[one], numbers[other]
        return np.asarray(((a - b) / np.maximum(a + b, 1e-300)) ** 2)

    return distance


def _fixed(bags: Patterns, distance: Distance) -> Made:
    """Distances that do not depend on what was drawn; between all k categories they are looked at in blocks of rows."""
    count = bags.counter()
    apart = bags.within(distance) / np.maximum(bags.size - 1, 1)
    columns = np.arange(bags.categories)

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        met, answers = count(weights), weights @ bags.size
        chance = np.zeros(len(weights))
        for start in range(0, bags.categories, ROWS):
            rows = columns[start : start + ROWS]
            chance += (met[:, rows] * (met @ distance(rows[:, None], columns[None, :]).T)).sum(axis=1)
        return weights @ apart / answers, chance / (answers * (answers - 1))

    def worst() -> float:
        met = np.unique(bags.code)
        return max(float(distance(met[start : start + ROWS, None], met[None, :]).max()) for start in range(0, len(met), ROWS))

    return statistic, worst

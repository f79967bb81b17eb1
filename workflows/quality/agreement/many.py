"""Agreement of many people on names: Fleiss' κ, and Gwet's AC1 and AC2, which a skewed share of categories does not upset. Pure numpy."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workflows.quality.agreement import bootstrap
from workflows.quality.agreement.distances import by_rank, largest
from workflows.quality.agreement.intervals import LEVEL
from workflows.quality.agreement.measured import Measured
from workflows.quality.agreement.patterns import Block, Distance, Patterns, blocks, by_matrix, patterns, unlike
from workflows.quality.agreement.tables import Floats, Given, Places, Ratings, read


def fleiss(
    ratings: Given, *, categories: Sequence[Any] | None = None, block: Block | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0
) -> Measured:
    """Fleiss' κ of units with n answers each, of whomever: Po the mean of (Σ n_c² − n) ÷ (n (n − 1)), Pe = Σ p_c².

    Ratings as a table of units × raters or triples (rater, unit, value); units without any answer drop out; `block`
    as for `krippendorff.alpha`. Without value: `no_pairs`, `one_category`. Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters" (1971).
    Errors: ValueError that names a unit with more or fewer answers than others (take α), or the rating that does not fit.
    """
    table = read(ratings, categories)
    bags, answers = _even(table)
    count = bags.counter()
    apart = bags.within(unlike) / max(answers * (answers - 1), 1)

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        units = weights.sum(axis=1)
        return weights @ apart / units, 1 - ((count(weights) / (units * answers)[:, None]) ** 2).sum(axis=1)

    return _measure(bags, statistic, bags.met < 2, 1.0, resamples, level, seed, blocks(table, bags, block))


def fleiss_by_category(
    ratings: Given, *, categories: Sequence[Any] | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0
) -> dict[Hashable, Measured]:
    """Fleiss' κ of each category against all others: 1 − Σ n_c (n − n_c) ÷ (units · n (n − 1) p_c (1 − p_c)). As `fleiss` otherwise."""
    table = read(ratings, categories)
    bags, answers = _even(table)
    found: dict[Hashable, Measured] = {}
    for code, name in enumerate(table.categories):
        met = np.asarray(np.bincount(bags.pattern, bags.code == code, len(bags.times)), dtype=np.float64)

        def statistic(weights: Floats, met: Floats = met) -> tuple[Floats, Floats]:
            units = weights.sum(axis=1)
            share = weights @ met / (units * answers)
            return weights @ (met * (answers - met)) / (units * max(answers * (answers - 1), 1)), share * (1 - share)

        alone = not 0 < bags.times @ met < bags.answers
        found[name] = _measure(bags, statistic, alone, 0.5, resamples, level, seed)
    return found


def shares(ratings: Given, *, categories: Sequence[Any] | None = None) -> dict[Hashable, float]:
    """How much of all answers each category has, 0 to 1; empty without answers. Errors as `tables.read`."""
    table = read(ratings, categories)
    counts = np.bincount(table.code, minlength=len(table.categories))
    return {name: float(count / counts.sum()) for name, count in zip(table.categories, counts, strict=True)} if counts.sum() else {}


def ac1(
    ratings: Given, *, categories: Sequence[Any] | None = None, block: Block | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0
) -> Measured:
    """Gwet's AC1 of any number of people, with gaps: Pe = Σ q (1 − q) ÷ (k − 1), q the mean share of a category over units.

    Ratings as a table of units × raters or triples. Po is over units with two answers or more, q over all. k is the number of
    `categories`, or of those that occur; `block` as for `krippendorff.alpha`. Without value: `no_pairs`, `one_category`. Source: K. L. Gwet, "Computing inter-rater
    reliability and its variance in the presence of high agreement" (2008). Errors: ValueError as `tables.read`.
    """
    table = read(ratings, categories)
    return _gwet(table, unlike, float(len(table.categories)), 1.0, resamples, level, seed, block)


def ac2(
    ratings: Given,
    weights: str | ArrayLike = "quadratic",
    *,
    categories: Sequence[Any] | None = None,
    resamples: int = bootstrap.RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Measured:
    """AC1 where a near miss counts in part: Pe = Σ w · Σ q (1 − q) ÷ (k (k − 1)). `weights` "linear", "quadratic" or a k × k matrix, ranks
    those of numbers or of `categories`.

    Source: K. L. Gwet, "Handbook of inter-rater reliability" (2014). As `ac1` otherwise; ValueError too for categories without
    an order.
    """
    table = read(ratings, categories)
    lost = by_rank(table, weights)
    worst = largest(lost, np.unique(table.code).tolist())
    return _gwet(table, by_matrix(lost), float((1 - lost).sum()), worst, resamples, level, seed)


def _gwet(table: Ratings, distance: Distance, weights: float, worst: float, resamples: int, level: float, seed: int, block: Block | None = None) -> Measured:
    """`weights` is their sum over all k × k."""
    bags = patterns(table, 1)
    kinds = len(table.categories)
    share = bags.counter(1 / bags.size[bags.pattern])
    pairs = np.asarray(bags.size * (bags.size - 1), dtype=np.float64)
    apart = bags.within(distance) / np.maximum(pairs, 1)
    paired = (pairs > 0).astype(np.float64)
    spread = weights / max(kinds * (kinds - 1), 1)

    def statistic(drawn: Floats) -> tuple[Floats, Floats]:
        q = share(drawn) / drawn.sum(axis=1, keepdims=True)
        seen = drawn @ paired
        expected = 1 - spread * (q * (1 - q)).sum(axis=1)
        return drawn @ apart / np.maximum(seen, 1), np.where(seen > 0, expected, 0.0)

    return _measure(bags, statistic, bags.met < 2, worst, resamples, level, seed, blocks(table, bags, block))


def _even(table: Ratings) -> tuple[Patterns, int]:
    """Patterns, and how many answers each unit has."""
    bags = patterns(table, 1)
    sizes = np.unique(bags.size)
    if len(sizes) > 1:
        counts = np.bincount(table.unit, minlength=len(table.units))
        usual = int(np.bincount(counts[counts > 0]).argmax())
        unit = int(np.flatnonzero((counts > 0) & (counts != usual))[0])
        raise ValueError(f"unit {table.units[unit]!r} has {counts[unit]} answers where others have {usual}: Fleiss' κ needs as many for each, Krippendorff's α does not")
    return bags, int(sizes[0]) if len(sizes) else 0


def _measure(bags: Patterns, statistic: bootstrap.Statistic, alone: bool, worst: float, resamples: int, level: float, seed: int, together: tuple[Places, Places] | None = None) -> Measured:
    paired = bags.size > 1
    units = int(bags.times[paired].sum())
    ratings = int(bags.times[paired] @ bags.size[paired])
    return bootstrap.measure(
        statistic,
        bags.times,
        units=units,
        ratings=ratings,
        one_category=alone,
        worst=lambda: worst,
        resamples=resamples,
        level=level,
        seed=seed,
        wide=bags.categories,
        blocks=together,
    )

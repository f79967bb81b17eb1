"""Agreement of two people: observed, and against what chance would give. Pure numpy.

With Po the share of units on which the two agree and Pe what chance would give, each is (Po − Pe) ÷ (1 − Pe). r and c are the shares
of each category with the one and the other, q = (r + c) ÷ 2, k the number of categories. They differ in Pe. Units that only one of
the two answered drop out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workflows.quality.agreement import bootstrap
from workflows.quality.agreement.distances import by_rank, largest
from workflows.quality.agreement.intervals import LEVEL, wilson
from workflows.quality.agreement.measured import NO_PAIRS, Measured
from workflows.quality.agreement.patterns import Block, Patterns, blocks, patterns, unlike
from workflows.quality.agreement.tables import Floats, Given, Places, Ratings, read

# (R, k) shares with the one, (R, k) with the other → (R,) disagreement that chance would give.
Chance = Callable[[Floats, Floats], Floats]
Together = tuple[Places, Places] | None  # blocks, as `bootstrap.measure` takes them


@dataclass(frozen=True, eq=False)
class Cells:
    """The table of two people, without its empty cells: `times` how often the one said `row` and the other `column` (T,). `unit` and
    `which`: every unit that both answered and its cell, as places (U,)."""

    times: Places
    row: Places
    column: Places
    categories: int
    unit: Places
    which: Places

    def bags(self) -> Patterns:
        """The same as patterns of two answers."""
        count = len(self.times)
        return Patterns(self.times, np.full(count, 2), np.repeat(np.arange(count), 2), np.stack([self.row, self.column], axis=1).ravel(), self.categories, self.unit, self.which)

    def shares(self, weights: Floats) -> tuple[Floats, Floats]:
        """(R, T) → (R, k) with the one and with the other."""
        whole = weights.sum(axis=1, keepdims=True)
        sides = []
        for codes in (self.row, self.column):
            dense = np.zeros((len(codes), self.categories))
            dense[np.arange(len(codes)), codes] = 1.0
            sides.append(weights @ dense / whole)
        return sides[0], sides[1]


def percent(ratings: Given, *, block: Block | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0) -> Measured:
    """The mean over units of the share of pairs of people who say the same, 0 to 1; of two people or more.

    Chance is in it: say so beside it. The interval is Wilson's where each unit has two answers, else over units; with `block`
    over what it makes of them (`krippendorff.alpha`). Ratings as a table or triples. Without value: `no_pairs`. Errors: ValueError that names the rating that does not fit.
    """
    table = read(ratings)
    bags = patterns(table)
    units = int(bags.times.sum())
    if not units:
        return Measured(None, None, None, 0, 0, NO_PAIRS)
    apart = bags.within(unlike) / (bags.size * (bags.size - 1))
    if resamples and block is None and (bags.size == 2).all():
        right = int(bags.times[apart == 0].sum())
        low, high = wilson(right, units, level) or (None, None)
        return Measured(right / units, low, high, units, bags.answers)

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        return weights @ apart / weights.sum(axis=1), np.ones(len(weights))

    return bootstrap.measure(
        statistic, bags.times, units=units, ratings=bags.answers, one_category=False, resamples=resamples, level=level, seed=seed, blocks=blocks(table, bags, block)
    )


def kappa(
    ratings: Given, *, categories: Sequence[Any] | None = None, block: Block | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0
) -> Measured:
    """Cohen's κ of two people: Pe = Σ r c.

    Ratings as a table of units × 2 (None for missing) or triples (rater, unit, value); `block` as for `krippendorff.alpha`. Without value: `no_pairs`, `one_category`.
    Source: J. Cohen, "A coefficient of agreement for nominal scales" (1960). Errors: ValueError for more than two people, or
    naming the rating that does not fit.
    """
    table, cells = _cells(ratings, categories)
    together = None if block is None else blocks(table, cells.bags(), block)
    return _by_name(cells, lambda mine, theirs: 1 - (mine * theirs).sum(axis=1), resamples, level, seed, together)


def weighted_kappa(
    ratings: Given,
    weights: str | ArrayLike = "quadratic",
    *,
    categories: Sequence[Any] | None = None,
    resamples: int = bootstrap.RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Measured:
    """Cohen's κ where a near miss counts in part: weights 1 − |i − j| ÷ (k − 1) "linear", 1 − (i − j)² ÷ (k − 1)² "quadratic", or a
    k × k matrix of weights in the order of `categories`. Ranks are those of numbers, or of `categories`.

    Source: J. Cohen, "Weighted kappa" (1968). As `kappa` otherwise; ValueError too for categories without an order.
    """
    table, cells = _cells(ratings, categories)
    apart = by_rank(table, weights)
    worst = largest(apart, np.unique([*cells.row, *cells.column]).astype(np.intp).tolist())
    return _measure(cells, apart[cells.row, cells.column], lambda mine, theirs: np.asarray(((mine @ apart) * theirs).sum(axis=1)), worst, resamples, level, seed)


def scott(ratings: Given, *, categories: Sequence[Any] | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0) -> Measured:
    """Scott's π of two people: Pe = Σ q². As `kappa` otherwise. Source: W. A. Scott, "Reliability of content analysis" (1955)."""
    _table, cells = _cells(ratings, categories)
    return _by_name(cells, lambda mine, theirs: 1 - (((mine + theirs) / 2) ** 2).sum(axis=1), resamples, level, seed)


def bennett(ratings: Given, *, categories: Sequence[Any] | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0) -> Measured:
    """Bennett, Alpert and Goldstein's S of two people: Pe = 1 ÷ k, so it depends on what `categories` there are.

    As `kappa` otherwise. Source: "Communications through limited-response questioning" (1954).
    """
    table, cells = _cells(ratings, categories)
    expected = 1 - 1 / max(len(table.categories), 1)
    return _by_name(cells, lambda mine, _theirs: np.full(len(mine), expected), resamples, level, seed)


def greatest_kappa(ratings: Given, *, categories: Sequence[Any] | None = None, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0) -> Measured:
    """The greatest κ that the two people's shares of categories allow: (Σ min(r, c) − Pe) ÷ (1 − Pe). As `kappa` otherwise.

    Source: Cohen (1960). Where people use labels unequally often no agreement on units can bring κ above it.
    """
    _table, cells = _cells(ratings, categories)

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        mine, theirs = cells.shares(weights)
        return 1 - np.minimum(mine, theirs).sum(axis=1), 1 - (mine * theirs).sum(axis=1)

    return _made(cells, statistic, 1.0, resamples, level, seed)


def _by_name(cells: Cells, chance: Chance, resamples: int, level: float, seed: int, together: Together = None) -> Measured:
    return _measure(cells, unlike(cells.row, cells.column), chance, 1.0, resamples, level, seed, together)


def _measure(cells: Cells, each: Floats, chance: Chance, worst: float, resamples: int, level: float, seed: int, together: Together = None) -> Measured:
    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        return weights @ each / weights.sum(axis=1), chance(*cells.shares(weights))

    return _made(cells, statistic, worst, resamples, level, seed, together)


def _made(cells: Cells, statistic: bootstrap.Statistic, worst: float, resamples: int, level: float, seed: int, together: Together = None) -> Measured:
    units = int(cells.times.sum())
    return bootstrap.measure(
        statistic,
        cells.times,
        units=units,
        ratings=2 * units,
        one_category=len(np.unique([*cells.row, *cells.column])) < 2,
        worst=lambda: worst,
        resamples=resamples,
        level=level,
        seed=seed,
        wide=cells.categories,
        blocks=together,
    )


def _cells(ratings: Given, categories: Sequence[Any] | None) -> tuple[Ratings, Cells]:
    table = read(ratings, categories)
    people = len(table.raters)
    if people > 2:
        raise ValueError(f"{people} raters: this measures two; take `breakdown.by_pair`, or Krippendorff's α for all of them")
    count = max(len(table.categories), 1)
    both = np.full((2, len(table.units)), -1, dtype=np.intp)
    both[table.rater, table.unit] = table.code
    unit = np.flatnonzero((both >= 0).all(axis=0))
    row, column = both[:, unit]
    cells, which, times = np.unique(row * count + column, return_inverse=True, return_counts=True)
    return table, Cells(times, cells // count, cells % count, count, unit, which)

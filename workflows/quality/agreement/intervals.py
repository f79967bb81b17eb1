"""Intervals of a share: Wilson's score, Clopper and Pearson's, and those of a Beta distribution. Pure; no tables, no scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

from workflows.quality.beta import quantile

Interval = tuple[float, float]
LEVEL = 0.95


def deviate(level: float = LEVEL) -> float:
    """z so that a normal value lies within ± z with probability `level` (0 to 1, both excluded); 1.96 for .95."""
    if not 0 < level < 1:
        raise ValueError(f"level {level}: an interval's level lies between 0 and 1")
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(right: float, of: float, level: float = LEVEL) -> Interval | None:
    """Where the true share lies when `right` of `of` were; None for of = 0, for nothing was seen. Both counts may be sums of weights.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    Errors: ValueError unless 0 ≤ right ≤ of.
    """
    _check(right, of)
    z = deviate(level)
    if of == 0:
        return None
    share, weight = right / of, z * z / of
    middle = share + weight / 2
    half = z * math.sqrt(share * (1 - share) / of + weight / (4 * of))
    low, high = (middle - half) / (1 + weight), (middle + half) / (1 + weight)
    return (0.0 if right == 0 else max(0.0, low)), (1.0 if right == of else min(1.0, high))


def clopper(right: int, of: int, level: float = LEVEL) -> Interval | None:
    """The exact interval, never too narrow; None for of = 0.

    Source: Clopper and Pearson, Biometrika 26 (1934). Errors: ValueError unless 0 ≤ right ≤ of.
    """
    _check(right, of)
    tail = (1 - level) / 2
    deviate(level)
    if of == 0:
        return None
    low = 0.0 if right == 0 else quantile(tail, right, of - right + 1)
    high = 1.0 if right == of else quantile(1 - tail, right + 1, of - right)
    return low, high


def beta(right: float, wrong: float, level: float = LEVEL, prior: Interval = (1.0, 1.0)) -> Interval:
    """The middle `level` of the Beta distribution that a share has after `right` and `wrong` were seen and `prior` was thought.

    Errors: ValueError for counts below 0.
    """
    _check(right, right + wrong)
    deviate(level)
    a, b = right + prior[0], wrong + prior[1]
    return quantile((1 - level) / 2, a, b), quantile((1 + level) / 2, a, b)


def _check(right: float, of: float) -> None:
    if not 0 <= right <= of or not math.isfinite(of):
        raise ValueError(f"{right} of {of}: a share is of 0 or more, and not of more than there are")

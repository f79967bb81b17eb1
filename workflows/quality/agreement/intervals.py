"""Intervals of a share: Wilson's score, Clopper and Pearson's, and those of a Beta distribution. Pure; no tables, no scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

Interval = tuple[float, float]
LEVEL = 0.95
_TINY = 1e-300


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
    low = 0.0 if right == 0 else beta_quantile(tail, right, of - right + 1)
    high = 1.0 if right == of else beta_quantile(1 - tail, right + 1, of - right)
    return low, high


def beta(right: float, wrong: float, level: float = LEVEL, prior: Interval = (1.0, 1.0)) -> Interval:
    """The middle `level` of the Beta distribution that a share has after `right` and `wrong` were seen and `prior` was thought.

    Errors: ValueError for counts below 0.
    """
    _check(right, right + wrong)
    deviate(level)
    a, b = right + prior[0], wrong + prior[1]
    return beta_quantile((1 - level) / 2, a, b), beta_quantile((1 + level) / 2, a, b)


def beta_quantile(share: float, a: float, b: float) -> float:
    """x in 0..1 below which a Beta(a, b) value lies with probability `share`; exact to about 1e-12, by halving."""
    low, high = 0.0, 1.0
    for _step in range(60):
        middle = (low + high) / 2
        if beta_below(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_below(x: float, a: float, b: float) -> float:
    """The probability that a Beta(a, b) value is below x: the regularised incomplete beta function.

    Source: its continued fraction (DLMF 8.17.22), by Lentz's method.
    """
    if a <= 0 or b <= 0:
        raise ValueError(f"Beta({a}, {b}): both must be above 0")
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_below(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / _safe(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, 100_000):
        for term in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d, c = 1 / _safe(1 + term * d), _safe(1 + term / c)
            found *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return min(1.0, front * found)


def _safe(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _check(right: float, of: float) -> None:
    if not 0 <= right <= of or not math.isfinite(of):
        raise ValueError(f"{right} of {of}: a share is of 0 or more, and not of more than there are")

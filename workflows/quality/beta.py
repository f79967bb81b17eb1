"""The Beta distribution: how likely a rate lies below a bar, and within which bounds it lies. Pure `math`.

The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun 26.5.8, evaluated by Lentz's method as
in Press et al., Numerical Recipes, §6.4); its inverse by halving, which cannot miss.
"""

from __future__ import annotations

import math

TURNS = 1000
PRECISE = 1e-15
TINY = 1e-300
HALVINGS = 60


def below(x: float, a: float, b: float) -> float:
    """The probability that a Beta(a, b) variable is at most `x`: I_x(a, b), to 1e-12 or so.

    ValueError unless a and b are above 0 and finite; x is cut to 0 … 1.
    """
    if not (0 < a < math.inf and 0 < b < math.inf):
        raise ValueError(f"a and b must be above 0 and finite, not {a} and {b}")
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # where the fraction of the other tail converges fast
        return 1.0 - below(1 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return min(1.0, math.exp(front) * _fraction(x, a, b) / a)


def quantile(share: float, a: float, b: float) -> float:
    """The x, to 1e-12 or so, at which `below(x, a, b)` is `share`. ValueError as `below`, and unless 0 ≤ share ≤ 1."""
    if not 0 <= share <= 1:
        raise ValueError(f"share must be 0 to 1, not {share}")
    low, high = 0.0, 1.0
    for _turn in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle, a, b) < share else (low, middle)
        if high - low < 1e-14:
            break
    return (low + high) / 2


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > TINY else TINY)
    found = d
    for m in range(1, TURNS + round(math.sqrt(max(a, b)))):
        for step in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d, c = 1 + step * d, 1 + step / c
            d = 1 / (d if abs(d) > TINY else TINY)
            c = c if abs(c) > TINY else TINY
            found *= d * c
        if abs(d * c - 1) < PRECISE:
            break
    return found

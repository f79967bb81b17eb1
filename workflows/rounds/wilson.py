"""The Wilson score interval of a share, and what follows from it for a sample. Pure.

E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22, 209-212.
"""

from __future__ import annotations

import math

Z95 = 1.959963984540054  # the 0.975 quantile of the standard normal distribution


def interval(hits: int, of: int, *, z: float = Z95) -> tuple[float, float]:
    """The interval (low, high), each 0 to 1, of a share of which `hits` were seen among `of`; 95 % unless `z` says otherwise.

    Nothing seen (`of` 0) says nothing: (0, 1). `ValueError` when hits are not 0 … of.

    >>> [round(bound, 4) for bound in interval(1, 10)]
    [0.0179, 0.4042]
    """
    if not 0 <= hits <= of:
        raise ValueError("hits are 0 to the number seen")
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = share + square / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    whole = 1 + square / of
    # At the ends the formula gives 0 and 1 but for the last digit.
    return (0.0 if hits == 0 else max(0.0, (middle - spread) / whole)), (1.0 if hits == of else min(1.0, (middle + spread) / whole))


def least(rate: float, *, z: float = Z95) -> int | None:
    """How many must be seen, all of them right, before the upper bound is at most `rate`; None when no number does (rate 0).

    >>> least(0.05)
    73
    """
    if rate <= 0:
        return None
    return max(1, math.ceil(z * z * (1 - rate) / rate - 1e-9))

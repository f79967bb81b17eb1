"""What Wilson's interval of a share says of a sample. Pure; the interval itself is that of `quality.agreement.intervals`."""

from __future__ import annotations

import math

from workflows.quality.agreement.intervals import deviate, wilson


def interval(hits: int, of: int) -> tuple[float, float]:
    """The interval (low, high) of 95 %, each 0 to 1, of a share of which `hits` were seen among `of`.

    Nothing seen (`of` 0) says nothing: (0, 1). `ValueError` when hits are not 0 … of.

    >>> [round(bound, 4) for bound in interval(1, 10)]
    [0.0179, 0.4042]
    """
    if not 0 <= hits <= of:
        raise ValueError("hits are 0 to the number seen")
    return wilson(hits, of) or (0.0, 1.0)


def least(rate: float) -> int | None:
    """How many must be seen, all of them right, before the upper bound is at most `rate`; None when no number does (rate 0).

    >>> least(0.05)
    73
    """
    if rate <= 0:
        return None
    return max(1, math.ceil(deviate() ** 2 * (1 - rate) / rate - 1e-9))

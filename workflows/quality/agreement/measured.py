"""What every measure gives back: a figure with its interval and what stands behind it, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

NO_PAIRS = "no_pairs"  # nobody's answer stands beside another's
ONE_CATEGORY = "one_category"  # all say the same one thing, so that chance cannot be told from agreement
NO_SPREAD = "no_spread"  # the value stands, its interval is not known: one unit, or all alike


@dataclass(frozen=True)
class Measured:
    """A figure. `value` is None where it is undefined, and `why` says so in a word (`no_pairs`, `one_category`): never 1 or 0.

    `low` and `high` are the ends of the interval, None where there is none (`why` is `no_spread` if it was asked for).
    `units` had two answers or more and count, `ratings` are the answers to them. `float()` gives nan without a value.
    """

    value: float | None
    low: float | None
    high: float | None
    units: int
    ratings: int
    why: str = ""

    def __float__(self) -> float:
        return math.nan if self.value is None else self.value

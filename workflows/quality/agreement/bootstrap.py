"""Bootstrap intervals over units, seeded, from what each pattern of answers adds. Pure numpy.

A measure here is 1 − observed ÷ expected disagreement, each a function of how often every pattern is there. Drawing units with
replacement is drawing how often each pattern comes: the answers are never looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workflows.quality.agreement.intervals import LEVEL, deviate
from workflows.quality.agreement.measured import NO_PAIRS, NO_SPREAD, ONE_CATEGORY, Measured
from workflows.quality.agreement.tables import Floats, Places

RESAMPLES = 1000
CELLS = 1 << 20  # of weights that stand in memory together
_PER_DRAW = 30  # so many plain draws cost as much as one binomial
# weights (R, T), how often each pattern is there → (observed, expected) disagreement, shapes (R,); expected 0 is undefined.
Statistic = Callable[[Floats], tuple[Floats, Floats]]


def draws(times: Places, resamples: int, seed: int, wide: int = 0) -> Iterator[Floats]:
    """Weights (R, T) in parts: as many units as there are, drawn with replacement, `resamples` times in all.

    `times` (T,) is how many units each pattern has, `wide` how many numbers a resample takes besides. The same seed draws the same.
    """
    chance = np.random.default_rng(seed)
    units, kinds = int(times.sum()), len(times)
    rows = max(1, min(resamples, CELLS // max(kinds, wide, 1)))
    few = kinds * _PER_DRAW < units
    if not few:
        rows = max(1, min(rows, CELLS // max(units, 1)))
        which = np.repeat(np.arange(kinds), times)
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        if few:
            yield chance.multinomial(units, times / units, size=count).astype(np.float64)
        else:
            drawn = which[chance.integers(0, units, (count, units))] + kinds * np.arange(count)[:, None]
            yield np.bincount(drawn.ravel(), minlength=count * kinds).reshape(count, kinds).astype(np.float64)


def measure(
    statistic: Statistic,
    times: Places,
    *,
    units: int,
    ratings: int,
    one_category: bool,
    worst: Callable[[], float] = lambda: 1.0,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
    wide: int = 0,
    blocks: tuple[Places, Places] | None = None,
) -> Measured:
    """The value and the percentile interval of `level` over `resamples` (0: none).

    Where no unit disagrees at all resampling has nothing to tell: `low` is then what the measure would be if as many units as
    Wilson's bound allows, z² ÷ (n + z²) of them, disagreed as badly as they can; `worst()` is the observed disagreement if all did.
    `blocks`: of every unit which block it belongs to, and its pattern, both (U,); then blocks are drawn, and n is how many they are.
    Source: Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 13.
    Errors: ValueError for a level not between 0 and 1, or resamples below 0.
    """
    z = deviate(level)
    if resamples < 0:
        raise ValueError(f"resamples {resamples}: 0 or more")
    if not units:
        return Measured(None, None, None, 0, 0, NO_PAIRS)
    observed, expected = (float(part[0]) for part in statistic(times[None, :].astype(np.float64)))
    if one_category or not expected > 0:
        return Measured(None, None, None, units, ratings, ONE_CATEGORY)
    value = 1 - observed / expected
    if not resamples:
        return Measured(value, None, None, units, ratings)
    if observed == 0:
        drawn = units if blocks is None else int(blocks[0].max()) + 1
        return Measured(value, max(-1.0, 1 - z * z / (drawn + z * z) * worst() / expected), value, units, ratings)
    found = _values(statistic, draws(times, resamples, seed, wide) if blocks is None else _together(*blocks, len(times), resamples, seed, wide), 1e-12 * expected)
    if len(found) * 2 < resamples:
        return Measured(value, None, None, units, ratings, NO_SPREAD)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2]).tolist()
    if low == high:
        return Measured(value, None, None, units, ratings, NO_SPREAD)
    return Measured(value, min(low, value), max(high, value), units, ratings)


def _together(of: Places, pattern: Places, kinds: int, resamples: int, seed: int, wide: int) -> Iterator[Floats]:
    """As `draws`, of blocks: a unit comes as often as its block. Blocks that hold the same patterns are of one kind."""
    order = np.lexsort((pattern, of))
    content, each = pattern[order].tobytes(), pattern.dtype.itemsize
    edges = [0, *(np.flatnonzero(np.diff(of[order])) + 1).tolist(), len(order)]
    known: dict[bytes, int] = {}
    kind = [known.setdefault(content[start * each : end * each], len(known)) for start, end in pairwise(edges)]
    times = np.bincount(kind)
    held = [np.frombuffer(part, dtype=pattern.dtype) for part in known]
    of, pattern = np.repeat(np.arange(len(held)), [len(part) for part in held]), np.concatenate(held)
    for weights in draws(times, resamples, seed, max(wide, kinds, len(of))):
        yield np.stack([np.bincount(pattern, row[of], kinds) for row in weights])


def _values(statistic: Statistic, drawn: Iterator[Floats], least: float) -> NDArray[np.float64]:
    """Of the resamples that have one."""
    found = []
    for weights in drawn:
        observed, expected = statistic(weights)
        defined = expected > least
        found.append(1 - observed[defined] / expected[defined])
    return np.concatenate(found)

"""Units that were answered alike, counted once: all that a measure needs, and few enough to resample. Pure numpy.

Whatever does not ask who answered depends on a unit through its bag of answers alone. A hundred thousand units with three
answers of five kinds are 35 patterns at most.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.agreement.tables import Floats, Places, Ratings

DENSE = 1 << 22  # cells; a larger table of patterns × categories is summed row by row
Block = Callable[[Any], Hashable] | Places  # of a unit, or of each by its place: units that are of one are drawn together
Distance = Callable[[Places, Places], Floats]  # of codes, broadcast: (…,) and (…,) → (…,)


@dataclass(frozen=True, eq=False)
class Patterns:
    """T patterns: `times` how many units have each, `size` how many answers are in it (shapes (T,)); N answers in all, pattern
    by pattern: `pattern` and `code` (shapes (N,)). `categories` is how many there can be. `unit` and `which`: every unit that
    counts and its pattern, as places (U,)."""

    times: Places
    size: Places
    pattern: Places
    code: Places
    categories: int
    unit: Places
    which: Places

    @property
    def starts(self) -> Places:
        return np.r_[0, np.cumsum(self.size)[:-1]].astype(np.intp)

    @property
    def answers(self) -> int:
        return int(self.times @ self.size)

    @property
    def met(self) -> int:
        """How many categories occur."""
        return len(np.unique(self.code))

    def counter(self, each: Floats | None = None) -> Callable[[Floats], Floats]:
        """A function weights (R, T) → (R, categories): the summed weight of each category's answers, times `each` (N,)."""
        worth = np.ones(len(self.code)) if each is None else each
        shape = len(self.times), self.categories
        if shape[0] * shape[1] <= DENSE:
            dense = np.zeros(shape)
            np.add.at(dense, (self.pattern, self.code), worth)
            return lambda weights: weights @ dense
        return lambda weights: np.stack([np.bincount(self.code, row[self.pattern] * worth, shape[1]) for row in weights])

    def within(self, distance: Distance) -> Floats:
        """(T,): the summed distance of all ordered pairs of answers in each pattern."""
        found = np.zeros(len(self.times))
        for shift in range(1, int(self.size.max(initial=1))):
            ones = np.flatnonzero(self.pattern[shift:] == self.pattern[:-shift])
            apart = distance(self.code[ones], self.code[ones + shift])
            found += 2 * np.bincount(self.pattern[ones], apart, len(found))
        return found


def blocks(ratings: Ratings, bags: Patterns, block: Block | None) -> tuple[Places, Places] | None:
    """As `bootstrap.measure` takes them: of the units that count, which are drawn together, and their patterns."""
    if block is None:
        return None
    if isinstance(block, np.ndarray):
        return np.unique(block[bags.unit], return_inverse=True)[1], bags.which
    places: dict[Hashable, int] = {}
    return np.array([places.setdefault(block(ratings.units[unit]), len(places)) for unit in bags.unit.tolist()], dtype=np.intp), bags.which


def patterns(ratings: Ratings, least: int = 2) -> Patterns:
    """Of the units with `least` answers or more."""
    order = np.lexsort((ratings.code, ratings.unit))
    unit, code = ratings.unit[order], ratings.code[order]
    starts = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]][: len(unit)])
    sizes = np.diff(np.r_[starts, len(unit)])
    times, size, codes, units, which = [], [], [], [], []
    known = 0
    for count in np.unique(sizes[sizes >= least]).tolist():
        begun = starts[sizes == count]
        bags, kind, often = _unique(code[begun[:, None] + np.arange(count)], len(ratings.categories))
        times.append(often)
        size.append(np.full(len(often), count))
        codes.append(bags.ravel())
        units.append(unit[begun])
        which.append(kind + known)
        known += len(often)
    parts = [np.concatenate([*part, np.empty(0, dtype=np.intp)]).astype(np.intp) for part in (times, size, codes, units, which)]
    return Patterns(parts[0], parts[1], np.repeat(np.arange(known), parts[1]), parts[2], len(ratings.categories), parts[3], parts[4])


def _unique(rows: Places, categories: int) -> tuple[Places, Places, Places]:
    """(distinct rows, for each row which it is, how often each is there)."""
    if categories ** rows.shape[1] < 1 << 62:
        factors = np.array([categories**place for place in range(rows.shape[1])], dtype=np.int64)
        _keys, first, kind, often = np.unique(rows @ factors, return_index=True, return_inverse=True, return_counts=True)
        return rows[first], kind, often
    found, kind, often = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    return found, kind.ravel(), often


def unlike(one: Places, other: Places) -> Floats:
    """Distance of names: 0 the same, 1 another."""
    return np.asarray(one != other, dtype=np.float64)


def by_matrix(matrix: NDArray[np.float64]) -> Distance:
    return lambda one, other: np.asarray(matrix[one, other])

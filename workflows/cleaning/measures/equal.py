"""Rows that are equal in something: texts as numbers, the first of equals, and equals that stand on different sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


def is_blank(texts: NDArray[Any]) -> Mask:
    """Where there is no text, or nothing but space."""
    return np.fromiter((not text or text.isspace() for text in texts.tolist()), bool, len(texts))


def codes(texts: NDArray[Any]) -> Rows:
    """A number for each different text, 0 or more; −1 where there is none, or nothing but space."""
    everything = texts.tolist()
    known: dict[str | None, int] = dict.fromkeys(everything, -1)
    for number, text in enumerate(known):
        if text and not text.isspace():
            known[text] = number
    return np.fromiter(map(known.__getitem__, everything), np.int64, len(everything))


def sorting(keys: NDArray[Any]) -> NDArray[np.intp]:
    """What sorts these, equals in the order in which they come: as a stable sort, at a third of its time where there are millions of them."""
    if not len(keys) or keys.dtype.kind not in "iuf":
        return np.argsort(keys, kind="stable")
    if keys.dtype.kind in "iu" and int(keys.max()) - int(keys.min()) < 1 << 16:
        return np.argsort((keys - keys.min()).astype(np.uint16), kind="stable")  # by counting
    order = np.argsort(keys)
    ordered = keys[order]
    same = ordered[1:] == ordered[:-1]
    if same.any():
        tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
        run = np.cumsum(np.insert(~same, 0, False))[tied]
        order[tied] = np.sort(run * len(keys) + order[tied]) % len(keys)
    return order


def firsts(keys: NDArray[Any]) -> tuple[NDArray[Any], Rows, Rows]:
    """(the different keys, ascending; the first place of each; which of them is each place's): as `np.unique` says it, by a sort that need not be stable."""
    order = np.argsort(keys)
    ordered = keys[order]
    new = np.ones(len(keys), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(new)
    behind = np.empty(len(keys), dtype=np.int64)
    behind[order] = np.cumsum(new) - 1
    return ordered[starts], np.minimum.reduceat(order, starts) if len(starts) else order, behind


def numbered(keys: NDArray[np.integer]) -> tuple[Rows, Rows]:
    """(the number of each row's key, from 0 in the order of keys; how many rows have each)."""
    low = keys.min(initial=0) if len(keys) else 0
    if len(keys) and int(keys.max()) - int(low) <= 4 * len(keys):  # ids of people mostly are near each other
        many = np.bincount(keys - low)
        return (np.cumsum(many > 0) - 1)[keys - low], many[many > 0]
    _keys, numbers, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return numbers, counts


@dataclass(frozen=True)
class Groups:
    """Rows put together: `rows` in the order of groups and within each of their `order`; where each group `starts` in them, and
    the `group` of each of `rows`, from 0."""

    rows: Rows
    starts: Rows
    group: Rows

    @property
    def sizes(self) -> Rows:
        return np.diff(np.append(self.starts, len(self.rows)))


def groups(keys: NDArray[Any], order: NDArray[Any], known: Mask) -> Groups:
    """The `known` rows by equal keys."""
    rows = np.flatnonzero(known)
    keyed, places = keys[rows], order[rows]
    if not (places[1:] >= places[:-1]).all():  # as rows mostly come: one sort less
        by_place = sorting(places)
        rows, keyed = rows[by_place], keyed[by_place]
    rows = rows[sorting(keyed)]
    new = np.ones(len(rows), bool)
    new[1:] = keys[rows[1:]] != keys[rows[:-1]]
    return Groups(rows, np.flatnonzero(new), np.cumsum(new) - 1)


def copies(keys: NDArray[Any], order: NDArray[Any], known: Mask) -> tuple[NDArray[np.float64], Rows]:
    """(how many rows have a row's key, NaN where unknown; the first of them by `order`, −1 for that one itself and for single rows)."""
    found = groups(keys, order, known)
    counts = np.full(len(keys), np.nan)
    counts[found.rows] = found.sizes[found.group]
    keepers = np.full(len(keys), -1, np.int64)
    keepers[found.rows] = found.rows[found.starts][found.group]
    keepers[found.rows[found.starts]] = -1
    return counts, keepers


def crossings(keys: NDArray[Any], sides: NDArray[Any], order: NDArray[Any], known: Mask) -> tuple[NDArray[np.float64], Rows]:
    """(on how many sides the rows with a row's key stand, NaN where unknown; the first of them that stands on another side than the
    row, −1 where none does)."""
    found = groups(keys, order, known)
    side, starts, group = sides[found.rows], found.starts, found.group
    across = side != side[starts][group]
    counts = np.full(len(keys), np.nan)
    counts[found.rows] = 1.0
    partners = np.full(len(keys), -1, np.int64)
    if across.any():
        first_across = np.full(len(starts), -1, np.int64)
        places = np.flatnonzero(across)[::-1]
        first_across[group[places]] = found.rows[places]  # of several the last written stays: the first, since they come from behind
        split = np.flatnonzero(first_across[group] >= 0)
        _names, numbers = np.unique(side[split], return_inverse=True)
        pairs = np.unique(group[split] * (numbers.max() + 1) + numbers)
        counts[found.rows[split]] = np.bincount(pairs // (numbers.max() + 1), minlength=len(starts))[group[split]]
        partners[found.rows[split]] = np.where(across[split], found.rows[starts][group[split]], first_across[group[split]])
    return counts, partners

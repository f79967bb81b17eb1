"""Plain boxes of many items that are in no question which is which: found for all items together. Pure numpy.

Most items hold upright boxes and no more is said of them, and each box of one person is like one of another at most. Where that is
so, every rule for which objects are one (`clusters` here, `consensus.clusters`) says the same, and neither need be asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.knots import knots
from workflows.quality.matching.many import crossed
from workflows.quality.matching.match import THRESHOLD
from workflows.quality.matching.overlap import boxes
from workflows.quality.matching.sweep import Places

Thing = dict[str, Any]
FIELDS = 4  # what an object has that is a box and no more: id, kind, label, box


class Plain:
    """Of items, each with one list of objects for each of its people.

    `of` says which of the items are plain, in order; all else is told of these alone, one after the other: `things`, `side` (objects,) whose list
    each is in, counted over all lists, `drawn` (objects, 4) as x, y, w, h, `bounds` as left, top, right, bottom, `sizes` in pixels².
    `order` are the objects by cluster, clusters in the order of their first objects; `starts` where each begins. The clusters of the item
    `of[k]` are `until[k]` to `until[k + 1]`.
    """

    def __init__(self, items: Sequence[Sequence[Sequence[Thing]]]) -> None:
        flags = _plain(items)
        self._read(items, np.flatnonzero(flags))
        clear = self._cluster()
        if not clear.all():  # seldom: once more without what is in question
            self._read(items, self.of[clear])
            self._cluster()
        self.place = self.side - self.sides[self.item]  # of each object's list among those of its item
        self.until: list[int] = np.searchsorted(self.order[self.starts], self.first[self.sides]).tolist()

    def _read(self, items: Sequence[Sequence[Sequence[Thing]]], of: Places) -> None:
        self.of = of
        lists = [things for place in of.tolist() for things in items[place]]
        people = np.fromiter((len(items[place]) for place in of.tolist()), dtype=np.intp, count=len(of))
        counts = np.fromiter(map(len, lists), dtype=np.intp, count=len(lists))
        self.sides = np.concatenate([[0], np.cumsum(people)])  # of each item, its first list
        self.first = np.concatenate([[0], np.cumsum(counts)])  # of each list, its first object
        self.side = np.repeat(np.arange(len(lists)), counts)
        self.item = np.repeat(np.arange(len(of)), people)[self.side]
        self.things: list[Thing] = list(chain.from_iterable(lists))
        drawn = np.fromiter(chain.from_iterable([thing["box"] for thing in self.things]), dtype=np.float64, count=4 * len(self.things))
        self.drawn: Floats = drawn.reshape(-1, 4)
        self.bounds = np.hstack([self.drawn[:, :2], self.drawn[:, :2] + self.drawn[:, 2:]])
        self.sizes = self.drawn[:, 2] * self.drawn[:, 3]
        self._people, self._counts = people, counts

    def _cluster(self) -> NDArray[np.bool_]:
        """Finds the clusters, and of which items there is no question."""
        pairs = np.concatenate([np.empty((0, 2), dtype=np.intp), *_between(self.sides[:-1], self._people)])
        rows, columns, _owner = crossed(self.first, self._counts, pairs)
        kept = boxes(self.bounds[rows], self.bounds[columns], self.sizes[rows], self.sizes[columns]) >= THRESHOLD
        found, tangled = knots(len(self.things), rows[kept], columns[kept])
        self.order = np.argsort(found, kind="stable")
        named = found[self.order]
        self.starts = np.flatnonzero(np.r_[True, named[1:] != named[:-1]]) if len(named) else np.empty(0, dtype=np.intp)
        side = self.side[self.order]
        twice = self.order[1:][(named[1:] == named[:-1]) & (side[1:] == side[:-1])]
        # What is not even like itself (thin as a hair, far out) is left to who looks at what was drawn the same.
        strange = np.flatnonzero(boxes(self.bounds, self.bounds, self.sizes, self.sizes) < THRESHOLD)
        clear = np.ones(len(self.of), dtype=bool)
        for asked in (twice, strange, *(rows[kept][edges] for edges in tangled)):
            clear[self.item[asked]] = False
        return clear


def _plain(items: Sequence[Sequence[Sequence[Thing]]]) -> NDArray[np.bool_]:
    """Which items hold plain boxes alone, of two people or more."""
    things = list(chain.from_iterable(chain.from_iterable(items)))
    other = np.array([len(thing) != FIELDS or thing["kind"] != "box" or thing.get("id").__class__ is not str for thing in things], dtype=bool)
    until = np.cumsum(np.fromiter((sum(map(len, lists)) for lists in items), dtype=np.intp, count=len(items)))
    others = np.concatenate([[0], np.cumsum(other)])[np.concatenate([[0], until])]
    several = np.fromiter((len(lists) > 1 for lists in items), dtype=bool, count=len(items))
    return np.asarray((others[1:] == others[:-1]) & several)


def _between(first: Places, people: Places) -> Iterator[Places]:
    """Each two lists of every item, shape (pairs, 2)."""
    for size in np.unique(people).tolist():
        one, other = np.triu_indices(size, 1)
        begin = first[people == size][:, None]
        yield np.stack([(begin + one).ravel(), (begin + other).ravel()], axis=1)

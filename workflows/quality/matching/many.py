"""Which object is which in thousands of annotations at a time: what `match` says of each two, much sooner. Pure numpy.

Most annotations hold upright boxes of which each meets one other at most. These are in no question, and are found for
all together; wherever there is a choice, or any other shape, `match` itself is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.match import THRESHOLD, match
from workflows.quality.matching.overlap import boxes
from workflows.quality.matching.sweep import Places

Thing = dict[str, Any]


class Many:
    """The objects of many annotations in one row: those of annotation k are at `first[k]` to `first[k + 1]` of `things`.

    `upright` says which are upright boxes; `bounds` (objects, 4) holds left, top, right, bottom and `sizes` (objects,)
    pixels² of these, 0 of others.
    """

    def __init__(self, sides: Sequence[Sequence[Thing]]) -> None:
        self.sides = sides
        self.counts = np.fromiter(map(len, sides), dtype=np.intp, count=len(sides))
        self.first = np.concatenate([[0], np.cumsum(self.counts)])
        self.things: list[Thing] = list(chain.from_iterable(sides))
        flags = [thing["kind"] == "box" and not thing.get("rotation", 0) % 360 for thing in self.things]
        self.upright: NDArray[np.bool_] = np.array(flags, dtype=bool)
        self.bounds, self.sizes = np.zeros((len(flags), 4)), np.zeros(len(flags))
        drawn = np.array([thing["box"] for thing, flag in zip(self.things, flags, strict=True) if flag], dtype=np.float64).reshape(-1, 4)
        self.bounds[self.upright] = np.hstack([drawn[:, :2], drawn[:, :2] + drawn[:, 2:]])
        self.sizes[self.upright] = drawn[:, 2] * drawn[:, 3]

    def match(
        self, pairs: NDArray[np.intp], schema: Mapping[str, Any] | None = None, *, pictures: Sequence[float] | None = None, threshold: float = THRESHOLD
    ) -> tuple[Places, Places, Floats]:
        """(places of objects of the one side, of the other, likeness) for all `pairs` of annotations, shape (n, 2), just as
        `match` of each two says. Places are in `things`; in no particular order. `pictures` in pixels², one for each pair.
        """
        others = np.concatenate([[0], np.cumsum(~self.upright)])
        plain = (others[self.first[1:]] == others[self.first[:-1]])[pairs].all(axis=1)
        rows, columns, owner = self._crossed(pairs, np.flatnonzero(plain))
        like = boxes(self.bounds[rows], self.bounds[columns], self.sizes[rows], self.sizes[columns])
        kept = (like >= threshold) & (like > 0)
        rows, columns, owner, like = rows[kept], columns[kept], owner[kept], like[kept]
        asked = np.ones(len(pairs), dtype=bool)
        asked[plain] = False
        asked[owner[_again(rows, owner) | _again(columns, owner)]] = True
        sure = ~asked[owner]
        found = [(rows[sure], columns[sure], like[sure])]
        for place in np.flatnonzero(asked).tolist():
            one, other = pairs[place]
            picture = pictures[place] if pictures is not None else 0.0
            made = match(self.sides[one], self.sides[other], schema, picture=picture, threshold=threshold).pairs
            mine, theirs = (np.array([getattr(pair, side) for pair in made], dtype=np.intp) for side in ("truth", "answer"))
            found.append((mine + self.first[one], theirs + self.first[other], np.array([pair.alike for pair in made], dtype=np.float64)))
        all_rows, all_columns, all_like = (np.concatenate(column) for column in zip(*found, strict=True))
        return all_rows, all_columns, all_like

    def _crossed(self, pairs: NDArray[np.intp], chosen: Places) -> tuple[Places, Places, Places]:
        """Every object of the one side with every of the other: (places, places, which pair of annotations)."""
        ones, others = self.counts[pairs[chosen, 0]], self.counts[pairs[chosen, 1]]
        each = ones * others
        owner = np.repeat(chosen, each)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(each) - each, each)
        wide = np.repeat(others, each)
        return self.first[pairs[owner, 0]] + within // np.maximum(wide, 1), self.first[pairs[owner, 1]] + within % np.maximum(wide, 1), owner


def _again(places: Places, owner: Places) -> NDArray[np.bool_]:
    """Which entries name a place that another entry of the same owner names too."""
    if not len(places):
        return np.empty(0, dtype=bool)
    _names, which, count = np.unique(owner * (int(places.max()) + 1) + places, return_inverse=True, return_counts=True)
    return np.asarray(count[which] > 1)

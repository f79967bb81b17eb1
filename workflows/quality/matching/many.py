"""Which object is which in thousands of annotations at a time: what `match` says of each two, much sooner. Pure numpy.

In most annotations each object meets one other at most. These are in no question, and are found for all together; wherever
there is a choice, and for relations, `match` itself is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching import points
from workflows.quality.matching.areas import Floats
from workflows.quality.matching.likeness import BLOCK, nature
from workflows.quality.matching.match import THRESHOLD, drawn, match
from workflows.quality.matching.overlap import Overlaps, boxes
from workflows.quality.matching.spans import Spans
from workflows.quality.matching.sweep import Places

Thing = dict[str, Any]


class Many:
    """The objects of many annotations in one row: those of annotation k are at `first[k]` to `first[k + 1]` of `things`.

    `upright` says which are upright boxes; `bounds` (objects, 4) holds left, top, right, bottom and `sizes` (objects,)
    pixels² of these, 0 of others. `nature` (objects,) is a place in `natures`, of what can be compared with each other.
    """

    def __init__(self, sides: Sequence[Sequence[Thing]]) -> None:
        self.sides = sides
        self.counts = np.fromiter(map(len, sides), dtype=np.intp, count=len(sides))
        self.first = np.concatenate([[0], np.cumsum(self.counts)])
        self.things: list[Thing] = list(chain.from_iterable(sides))
        flags = [thing["kind"] == "box" and not thing.get("rotation", 0) % 360 for thing in self.things]
        self.upright: NDArray[np.bool_] = np.array(flags, dtype=bool)
        self.natures: dict[str, int] = {}
        self.nature = np.array([self.natures.setdefault(nature(thing), len(self.natures)) for thing in self.things], dtype=np.intp)
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
        plain = self._whole(self.upright)[pairs].all(axis=1)
        measured = self._whole(self.nature != self.natures.get("relation", -1))[pairs].all(axis=1)
        rows, columns, owner = self._crossed(pairs, np.flatnonzero(plain))
        like = boxes(self.bounds[rows], self.bounds[columns], self.sizes[rows], self.sizes[columns])
        if (measured & ~plain).any():
            others = self._crossed(pairs, np.flatnonzero(measured & ~plain))
            like = np.concatenate([like, self._measured(*others, pairs, pictures, threshold)])
            rows, columns, owner = (np.concatenate(both) for both in zip((rows, columns, owner), others, strict=True))
        kept = (like >= threshold) & (like > 0)
        rows, columns, owner, like = rows[kept], columns[kept], owner[kept], like[kept]
        asked = np.ones(len(pairs), dtype=bool)
        asked[measured] = False
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

    def pictures(self, items: Sequence[int], known: Sequence[float]) -> list[float]:
        """Pixels² of the picture of each item, whose annotations are `items[k]` to `items[k + 1]`; where it is not `known` (0), of
        the smallest that holds all that anybody drew."""
        plain = bool(self.upright.all())  # boxes do not ask for it
        return [
            size or drawn(() if plain else self.things[self.first[start] : self.first[end]]) for size, (start, end) in zip(known, pairwise(items), strict=True)
        ]

    def _whole(self, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of which annotations all objects are flagged."""
        others = np.concatenate([[0], np.cumsum(~flags)])
        return np.asarray(others[self.first[1:]] == others[self.first[:-1]])

    def _measured(self, rows: Places, columns: Places, owner: Places, pairs: NDArray[np.intp], pictures: Sequence[float] | None, threshold: float) -> Floats:
        """How alike objects are, as `likeness.alike` has it; 0 where it cannot come to the threshold."""
        found = np.zeros(len(rows))
        for kind, code in self.natures.items():
            both = np.flatnonzero((self.nature[rows] == code) & (self.nature[columns] == code))
            used, local = np.unique(np.concatenate([rows[both], columns[both]]), return_inverse=True)
            if not len(used):
                continue
            things = [self.things[place] for place in used.tolist()]
            one, other = local[: len(both)], local[len(both) :]
            if kind not in ("area", "span"):
                found[both] = near(things, one, other, self._pictures(owner[both], pairs, pictures))
                continue
            compare = Overlaps(things, things, threshold) if kind == "area" else Spans(things, things)
            a, b = compare.bounds[0][one], compare.bounds[0][other]
            meet = (a[:, :2] <= b[:, 2:]).all(axis=1) & (b[:, :2] <= a[:, 2:]).all(axis=1)
            found[both[meet]] = compare(one[meet], other[meet])
        return found

    def _pictures(self, owner: Places, pairs: NDArray[np.intp], pictures: Sequence[float] | None) -> Floats:
        """Pixels² of the picture of each pair of objects; as `match` has it where that is not told."""
        used, which = np.unique(owner, return_inverse=True)
        sizes = [(pictures[place] if pictures is not None else 0.0) or drawn([*self.sides[pairs[place, 0]], *self.sides[pairs[place, 1]]]) for place in used.tolist()]
        return np.array(sizes, dtype=np.float64)[which]

    def _crossed(self, pairs: NDArray[np.intp], chosen: Places) -> tuple[Places, Places, Places]:
        rows, columns, owner = crossed(self.first, self.counts, pairs[chosen])
        return rows, columns, chosen[owner]


def crossed(first: Places, counts: Places, pairs: NDArray[np.intp]) -> tuple[Places, Places, Places]:
    """Every object of the one side with every of the other: (places, places, which pair of annotations). Annotation k has `counts[k]` from `first[k]` on."""
    ones, others = counts[pairs[:, 0]], counts[pairs[:, 1]]
    each = ones * others
    owner = np.repeat(np.arange(len(pairs)), each)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(each) - each, each)
    wide = np.maximum(np.repeat(others, each), 1)
    return first[pairs[owner, 0]] + within // wide, first[pairs[owner, 1]] + within % wide, owner


def near(things: Sequence[Thing], rows: Places, columns: Places, pictures: Floats) -> Floats:
    """How alike points, lines or skeletons of as many points are (`likeness.Nearness`), each pair in a picture of its own."""
    kind = things[0]["kind"]
    if kind == "polyline":
        lines = np.stack([points.along(thing["points"]) for thing in things])
        parts = range(0, len(rows), BLOCK)
        return np.concatenate([points.lines(lines[rows[at : at + BLOCK]], lines[columns[at : at + BLOCK]], pictures[at : at + BLOCK, None]) for at in parts])
    places = np.array([thing["points"] for thing in things], dtype=np.float64)
    if kind == "point":
        return points.lone(places[rows, 0], places[columns, 0], pictures)
    bounds = np.array([points.bounds(thing["points"]) for thing in things])
    scale = (points.extents(bounds[rows], pictures) + points.extents(bounds[columns], pictures)) / 2
    return points.oks(places[rows], places[columns], scale, either=True)


def _again(places: Places, owner: Places) -> NDArray[np.bool_]:
    """Which entries name a place that another entry of the same owner names too."""
    if not len(places):
        return np.empty(0, dtype=bool)
    _names, which, count = np.unique(owner * (int(places.max()) + 1) + places, return_inverse=True, return_counts=True)
    return np.asarray(count[which] > 1)

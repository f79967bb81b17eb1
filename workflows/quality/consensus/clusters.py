"""Which objects of several people become one thing: clusters of one object per person at most, each alike to every other. Pure numpy.

Stricter than the clusters in which agreement is measured (`matching.clusters`, where most pairs will do), on purpose: what
comes out of a cluster here is one shape, and a shape that one of its authors does not come near is nobody's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats
from workflows.quality.matching.knots import grow, knots
from workflows.quality.matching.likeness import alike, nature
from workflows.quality.matching.many import Many
from workflows.quality.matching.match import LABEL, drawn
from workflows.quality.matching.sweep import Places

DIGITS = 9  # likeness that differs after them is equal
SAID = ("kind", "label", "attributes", "box", "rotation", "points", "holes", "rle", "start", "end")


class Likenesses:
    """How alike two objects of one item are: as matched, or measured when first asked for."""

    def __init__(self, many: Many, rows: Places, columns: Places, like: Floats, pictures: Sequence[float], item: NDArray[np.intp], threshold: float) -> None:
        self.many, self.pictures, self.item, self.threshold = many, pictures, item, threshold
        self._edges = rows, columns, like

    @cached_property
    def _known(self) -> dict[tuple[int, int], float]:
        rows, columns, like = self._edges
        return dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), like.tolist(), strict=True))

    def __call__(self, one: int, other: int) -> float:
        """0 to 1; 0 also for what lies below the threshold."""
        if one == other:
            return 1.0
        key = (one, other) if one < other else (other, one)
        if key not in self._known:
            mine, theirs = self.many.things[key[0]], self.many.things[key[1]]
            self._known[key] = likeness(mine, theirs, self.pictures[int(self.item[one])], self.threshold)
        return self._known[key]

    def all(self, mine: Sequence[int], theirs: Sequence[int]) -> bool:
        """Whether every one of `mine` is alike to every one of `theirs`, from the threshold on."""
        return all(0 < self(one, other) >= self.threshold for one in mine for other in theirs)


def likeness(one: dict[str, Any], other: dict[str, Any], picture: float, threshold: float) -> float:
    """How alike two objects are, by the matcher: 0 to 1, 0 below `threshold`."""
    if nature(one) != nature(other):
        return 0.0
    return float(sum(like[0] for _rows, _columns, like in alike([one], [other], picture or drawn([one, other]), threshold)))


def clusters(many: Many, side: Places, rows: Places, columns: Places, like: Floats, known: Likenesses, names: Sequence[str]) -> Places:
    """For each object the first of its cluster's: shape (objects,).

    The likeliest pair is joined first, then the next, as long as of two clusters no person is in both and every member
    of one is alike to every member of the other, from the threshold on. `rows`, `columns` and `like` are the pairs that the
    matcher made, each two annotations of an item with one another; `side` says whose each object is, and `names` what
    each annotation is called, to tell apart what is equal in all else. Pairs with the same label come before others, as in
    `match`.
    """
    found, left = knots(len(many.things), rows, columns)
    if left:
        whose = side.tolist()
        for edges in left:
            grow(found, _likeliest(many, whose, rows[edges], columns[edges], like[edges], names), whose, known.all)
    return found


def _likeliest(many: Many, side: Sequence[int], rows: Places, columns: Places, like: Floats, names: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of what hangs together, from the likeliest on."""
    nodes = {*rows.tolist(), *columns.tolist()}
    keys = {node: (json.dumps([many.things[node].get(name) for name in SAID], sort_keys=True), names[side[node]], node) for node in nodes}
    edges = []
    for one, other, alike_by in zip(rows.tolist(), columns.tolist(), like.tolist(), strict=True):
        worth = alike_by + LABEL * (many.things[one]["label"] == many.things[other]["label"])
        edges.append((-round(worth, DIGITS), *sorted((keys[one], keys[other]))))
    return [(one[-1], other[-1]) for _worth, one, other in sorted(edges)]

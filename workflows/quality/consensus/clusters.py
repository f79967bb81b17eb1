"""Which objects of several people are one thing: clusters of one object per person at most, each alike to every other. Pure numpy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching.areas import Floats
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
    component = _components(len(many.things), rows, columns)
    members = np.bincount(component, minlength=len(many.things))
    ties = np.bincount(component[rows], minlength=len(many.things))
    tangled = ties != members * (members - 1) // 2  # all others are alike each to each
    found = component.copy()
    asked = np.flatnonzero(tangled[component[rows]])
    order = asked[np.argsort(component[rows[asked]], kind="stable")]
    for edges in np.split(order, np.flatnonzero(np.diff(component[rows[order]])) + 1) if len(order) else []:
        _split(found, many, side, rows[edges], columns[edges], like[edges], known, names)
    return found


def _split(found: Places, many: Many, side: Places, rows: Places, columns: Places, like: Floats, known: Likenesses, names: Sequence[str]) -> None:
    """Joins what hangs together pair by pair; writes it into `found`."""
    nodes = sorted({*rows.tolist(), *columns.tolist()})
    keys = {node: (json.dumps([many.things[node].get(name) for name in SAID], sort_keys=True), names[side[node]], node) for node in nodes}
    edges = []
    for one, other, alike_by in zip(rows.tolist(), columns.tolist(), like.tolist(), strict=True):
        worth = alike_by + LABEL * (many.things[one]["label"] == many.things[other]["label"])
        edges.append((-round(worth, DIGITS), *sorted((keys[one], keys[other]))))
    home = {node: [node] for node in nodes}
    for _worth, (*_key, one), (*_other, other) in sorted(edges):
        mine, theirs = home[one], home[other]
        if mine is theirs or {side[node] for node in mine} & {side[node] for node in theirs}:
            continue
        if all(known(a, b) >= known.threshold and known(a, b) > 0 for a in mine for b in theirs):
            mine.extend(theirs)
            for node in theirs:
                home[node] = mine
    for node in nodes:
        found[node] = min(home[node])


def _components(count: int, rows: Places, columns: Places) -> Places:
    """For each of `count` objects the smallest that it hangs together with."""
    least = np.arange(count)
    while True:
        before = least.copy()
        low = np.minimum(least[rows], least[columns])
        np.minimum.at(least, rows, low)
        np.minimum.at(least, columns, low)
        least = least[least]
        if np.array_equal(before, least):
            return least

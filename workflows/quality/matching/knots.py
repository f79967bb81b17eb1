"""What hangs together by pairs, and clusters that grow in it pair by pair: the frame of every rule for which objects are one. Pure numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from workflows.quality.matching.sweep import Places

Fits = Callable[[Sequence[int], Sequence[int]], bool]


def components(count: int, rows: Places, columns: Places) -> Places:
    """For each of `count` objects the smallest that it hangs together with by the pairs (row, column)."""
    least = np.arange(count)
    while True:
        before = least.copy()
        low = np.minimum(least[rows], least[columns])
        np.minimum.at(least, rows, low)
        np.minimum.at(least, columns, low)
        least = least[least]
        if np.array_equal(before, least):
            return least


def knots(count: int, rows: Places, columns: Places) -> tuple[Places, list[Places]]:
    """(`components`, the places of the pairs of each one in which not all objects are paired each with each).

    All others are one cluster by any rule. Every pair is there once.
    """
    component = components(count, rows, columns)
    members = np.bincount(component, minlength=count)
    ties = np.bincount(component[rows], minlength=count)
    tangled = ties != members * (members - 1) // 2
    asked = np.flatnonzero(tangled[component[rows]])
    order = asked[np.argsort(component[rows[asked]], kind="stable")]
    return component, np.split(order, np.flatnonzero(np.diff(component[rows[order]])) + 1) if len(order) else []


def grow(found: Places, pairs: Iterable[tuple[int, int]], side: Sequence[int], fits: Fits) -> None:
    """Joins the objects of `pairs`, one pair after the other, and writes the smallest of each cluster into `found`.

    Of two clusters one is made where no `side` (whose an object is) is in both and `fits` says so of them.
    """
    home: dict[int, list[int]] = {}
    for one, other in pairs:
        mine, theirs = home.setdefault(one, [one]), home.setdefault(other, [other])
        if mine is not theirs and not {side[node] for node in mine} & {side[node] for node in theirs} and fits(mine, theirs):
            mine.extend(theirs)
            for node in theirs:
                home[node] = mine
    for node, cluster in home.items():
        found[node] = min(cluster)

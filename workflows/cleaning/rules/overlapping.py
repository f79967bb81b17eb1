"""Objects that lie on each other: what the rules for one label and for two have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import ABOVE, OBJECT, Columns, Judge, Kind, Parameter, Parameters, Verdict

Rows = NDArray[np.int64]


def overlap_kind(name: str, judge: Judge, columns: tuple[str, str], *, threshold: float, source: str) -> Kind:
    """A kind whose score is an overlap, caught from the threshold on. `columns`: the overlap with the nearest other, and its place."""
    return Kind(
        name=name,
        about="object",
        rows=OBJECT,
        columns=("item", "place", *columns),
        judge=judge,
        parameters=(Parameter("threshold", "number", threshold, 0.1, 1),),
        line="threshold",
        side=ABOVE,
        reached=True,
        source=source,
    )


def overlapping(overlap: NDArray[Any], parameters: Parameters, partners: Rows, **details: NDArray[Any]) -> Verdict:
    """Overlaps are kept in 32 bits: the threshold is looked at in as many, so that one that equals it is caught."""
    scores = overlap.astype(np.float32)
    return Verdict(scores.astype(np.float64), scores >= np.float32(parameters["threshold"]), partners, details)


def twins(columns: Columns, name: str) -> Rows:
    """The row of the object that a column names by its place in the same item; -1 for none. Objects of an item are rows next to each other."""
    place, wanted, item = columns["place"].astype(np.int64), columns[name].astype(np.int64), columns["item"]
    found = np.arange(len(place)) - place + wanted
    inside = (wanted >= 0) & (found >= 0) & (found < len(place))
    at = np.where(inside, found, 0)
    return np.where(inside & (item[at] == item) & (place[at] == wanted), found, -1) if len(place) else found

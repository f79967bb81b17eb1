"""Polygons whose outline crosses itself: what is inside then depends on who reads it."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.measures.objects import KINDS
from workflows.cleaning.rules.kind import OBJECT, Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is 1 for those that do, 0 for other polygons."""
    polygon = columns["kind"] == KINDS.index("polygon")
    crosses = columns["crosses"].astype(bool) & polygon
    return Verdict(np.where(polygon, crosses.astype(np.float64), np.nan), crosses)


KIND = Kind(
    name="crossing_outline",
    about="object",
    rows=OBJECT,
    columns=("kind", "crosses"),
    judge=judge,
    source="our own: two edges of a ring that cut through each other",
)

"""Boxes, polygons and masks that cover nothing, or whose size is no number."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.measures.objects import COVERING
from workflows.cleaning.rules.kind import OBJECT, Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the area, 0 where it cannot be told: what cannot be measured covers nothing that can be used."""
    covering = np.isin(columns["kind"], sorted(COVERING))
    area = columns["area"].astype(np.float64)
    with np.errstate(invalid="ignore"):
        empty = ~(area > 0) | ~(columns["w"] > 0) | ~(columns["h"] > 0)
    scores = np.where(empty, np.fmin(np.nan_to_num(area, nan=0.0), 0.0), area)
    return Verdict(np.where(covering, scores, np.nan), covering & empty)


KIND = Kind(
    name="no_area",
    about="object",
    rows=OBJECT,
    columns=("kind", "w", "h", "area"),
    judge=judge,
    severity="error",
    source="datumaro validator, NegativeLength and InvalidValue",
)

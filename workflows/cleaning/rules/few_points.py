"""Polygons, lines and skeletons with fewer points than their thing must have. Points in the same place count once; of skeletons, labelled ones count."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.measures.objects import KINDS
from workflows.cleaning.rules.kind import OBJECT, Columns, Kind, Parameter, Parameters, Verdict

LEAST = {"polygon": 3, "polyline": 2, "keypoints": 1}


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is how many points there are; details: `least`, how many there have to be."""
    least = np.zeros(len(columns["kind"]), dtype=np.int64)
    for kind in LEAST:
        least[columns["kind"] == KINDS.index(kind)] = int(parameters[kind])
    judged = (least > 0) & (columns["points"] >= 0)
    return Verdict(np.where(judged, columns["points"], np.nan).astype(np.float64), judged & (columns["points"] < least), details={"least": least})


KIND = Kind(
    name="few_points",
    about="object",
    rows=OBJECT,
    columns=("kind", "points"),
    judge=judge,
    parameters=tuple(Parameter(kind, "whole", least, 1, 20_000) for kind, least in LEAST.items()),
    source="our own: what a shape of the kind needs, counted without repeated points",
)

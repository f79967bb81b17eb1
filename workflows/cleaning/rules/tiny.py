"""Objects so small that they are likely slips of the hand: by pixels, and by their share of the picture."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import BELOW, OBJECT, Columns, Kind, Parameter, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the area in pixels; kinds without an area are not judged."""
    area, share = columns["area"].astype(np.float64), columns["share"].astype(np.float64)
    with np.errstate(invalid="ignore"):
        caught = (area < float(parameters["area"])) | (share < float(parameters["share"]))
    return Verdict(area, caught, details={"share": share})


KIND = Kind(
    name="tiny",
    about="object",
    rows=OBJECT,
    columns=("area", "share"),
    judge=judge,
    parameters=(Parameter("area", "number", 16.0, 0, 1e9), Parameter("share", "number", 0.0, 0, 1)),
    line="area",
    side=BELOW,
    source="encord-active, object area absolute and relative; the 16 pixels are ours",
)

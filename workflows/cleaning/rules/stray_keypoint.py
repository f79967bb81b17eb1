"""Skeletons with points outside the box of their person or, without a box, far from all the others."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import ABOVE, OBJECT, Columns, Kind, Parameter, Parameters, Verdict, beyond


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is how many points are astray."""
    strays = columns["strays"].astype(np.float64)
    return beyond(np.where(strays < 0, np.nan, strays), float(parameters["threshold"]), ABOVE)


KIND = Kind(
    name="stray_keypoint",
    about="object",
    rows=OBJECT,
    columns=("strays",),
    judge=judge,
    parameters=(Parameter("threshold", "whole", 0, 0, 1000),),
    line="threshold",
    side=ABOVE,
    source="our own: a pixel outside the person's box, or farther from the other points than they are from each other",
)

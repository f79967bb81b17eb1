"""Pictures that are far longer than wide or wider than long: the shorter side divided by the longer."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import BELOW, Columns, Kind, Parameter, Parameters, Verdict, beyond


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    width, height = columns["width"].astype(np.float64), columns["height"].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.where((width > 0) & (height > 0), np.minimum(width, height) / np.maximum(width, height), np.nan)
    return beyond(scores, float(parameters["threshold"]), BELOW)


KIND = Kind(
    name="odd_aspect",
    about="picture",
    columns=("width", "height"),
    judge=judge,
    parameters=(Parameter("threshold", "number", 0.35, 0, 1),),
    line="threshold",
    side=BELOW,
    source="cleanvision, is_odd_aspect_ratio_issue",
)

"""Pictures whose shorter side has too few pixels to label anything in."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import BELOW, Columns, Kind, Parameter, Parameters, Verdict, beyond


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    shorter = np.minimum(columns["width"].astype(np.float64), columns["height"].astype(np.float64))
    return beyond(shorter, float(parameters["pixels"]), BELOW)


KIND = Kind(
    name="too_small",
    about="picture",
    columns=("width", "height"),
    judge=judge,
    parameters=(Parameter("pixels", "whole", 64, 1, 100_000),),
    line="pixels",
    side=BELOW,
    source="Roboflow's health check names the measure; the default is our own",
)

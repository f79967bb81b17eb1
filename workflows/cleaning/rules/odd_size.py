"""Pictures far from the size that most have: the root of their area against the quartiles of all that are looked at.

1 in the middle of Q1 - 3 IQR … Q3 + 3 IQR, 0.5 at its ends, 0 as far again. Where at least half of all have one size the range is a point: then
that size scores 1, and every other one less than 0.5.
"""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import BELOW, Columns, Kind, Parameter, Parameters, Verdict, beyond


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    with np.errstate(invalid="ignore"):
        sizes = np.sqrt(columns["width"].astype(np.float64)) * np.sqrt(columns["height"].astype(np.float64))
    known = sizes[np.isfinite(sizes)]
    if not len(known):
        return beyond(np.full(len(sizes), np.nan), float(parameters["threshold"]), BELOW)
    first, third = np.percentile(known, (25, 75))
    reach = float(parameters["factor"]) * (third - first)
    middle, span = (first + third) / 2, third - first + 2 * reach
    off = np.abs(sizes - middle)
    if span > 0:
        scores = 1 - np.clip(off / span, 0, 1)
    else:
        away = np.clip(off / max(middle, 1.0), 0, 1)
        scores = np.where(off > 1e-9, 0.5 * (1 - away) - 1e-9, np.where(np.isnan(off), np.nan, 1.0))
    verdict = beyond(scores, float(parameters["threshold"]), BELOW)
    return Verdict(verdict.scores, verdict.caught, details={"size": np.round(sizes, 1)})


KIND = Kind(
    name="odd_size",
    about="picture",
    columns=("width", "height"),
    judge=judge,
    parameters=(Parameter("threshold", "number", 0.5, 0, 1), Parameter("factor", "number", 3, 0, 100)),
    line="threshold",
    side=BELOW,
    source="cleanvision, is_odd_size_issue",
)

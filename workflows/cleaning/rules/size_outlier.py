"""Objects whose width, height or area is far from what their label has elsewhere.

Mean and standard deviation are of all objects of the label among the rows; those under a pixel wide or high are judged but not counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import ABOVE, OBJECT, Columns, Kind, Parameter, Parameters, Verdict, beyond

SIDES = ("w", "h", "area")
LEAST = 1.0  # pixels


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the largest of the three distances from the mean, in standard deviations; details: which side it is, and its value."""
    judged = np.flatnonzero(np.isfinite(columns["area"]))
    names, label = _numbered(columns["label"][judged])
    sides = [columns[side][judged].astype(np.float64) for side in SIDES]
    counted = (sides[0] >= LEAST) & (sides[1] >= LEAST)
    many = np.bincount(label[counted], minlength=len(names))
    worst, far = np.zeros(len(judged), np.int8), np.full(len(judged), -np.inf)
    for place, values in enumerate(sides):
        away = distances(values, label, counted, many)
        worst[away > far] = place
        np.maximum(far, away, out=far)
    far[(many < int(parameters["enough"]))[label]] = np.nan
    scores, side = np.full(len(columns["area"]), np.nan), np.zeros(len(columns["area"]), np.int8)
    scores[judged], side[judged] = far, worst
    found = beyond(scores, float(parameters["threshold"]), ABOVE)
    return Verdict(scores, found.caught, details=_said(columns, np.flatnonzero(found.caught), side))


def _said(columns: Columns, caught: NDArray[np.intp], side: NDArray[np.int8]) -> dict[str, NDArray[Any]]:
    """Of those that are caught: names of a few thousand rows are quickly made, of millions not."""
    name, value = np.full(len(side), None, object), np.full(len(side), np.nan)
    name[caught] = np.array(SIDES, object)[side[caught]]
    value[caught] = np.choose(side[caught], [columns[one][caught].astype(np.float64) for one in SIDES])
    return {"side": name, "value": value}


def _numbered(labels: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Different labels, and the number of each row's: there are few, so that millions of rows need no sort when the first show them all."""
    names = np.unique(labels[:10_000])
    label = np.searchsorted(names, labels)
    if len(labels) > 10_000 and not np.array_equal(names[np.minimum(label, len(names) - 1)], labels):
        names, label = np.unique(labels, return_inverse=True)
    return names, label


def distances(values: NDArray[np.float64], label: NDArray[np.intp], counted: NDArray[np.bool_], many: NDArray[np.intp]) -> NDArray[np.float64]:
    """How many standard deviations (of the population) each value is from the mean of its label; 0 where all are the same."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        whole = counted.all()
        mean = np.bincount(label if whole else label[counted], values if whole else values[counted], len(many)) / many
        apart = np.abs(values - mean[label])
        square = apart**2
        spread = np.sqrt(np.bincount(label if whole else label[counted], square if whole else square[counted], len(many)) / many)
        flat = spread <= 1e-9 * np.abs(mean)  # rounding
        if flat.any():
            away = np.where(apart <= 1e-6 * np.abs(mean)[label], 0.0, np.inf)
            return np.asarray(np.where(flat[label], away, apart / spread[label]))
        return np.asarray(apart / spread[label])


KIND = Kind(
    name="size_outlier",
    about="object",
    rows=OBJECT,
    columns=("label", "w", "h", "area"),
    judge=judge,
    parameters=(Parameter("threshold", "number", 5.0, 0, 1000), Parameter("enough", "whole", 30, 2, 1_000_000)),
    line="threshold",
    side=ABOVE,
    slow=True,
    source="datumaro validator, FarFromLabelMean",
)

"""Objects whose width, height or area is far from what their label has elsewhere.

Mean and standard deviation are of all objects of the label among the rows; those under a pixel wide or high are judged but not counted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import ABOVE, OBJECT, Columns, Kind, Parameter, Parameters, Verdict, beyond

SIDES = ("w", "h", "area")
LEAST = 1.0  # pixels


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the largest of the three distances from the mean, in standard deviations; details: which side it is, and its value."""
    area = columns["area"].astype(np.float64)
    judged = np.flatnonzero(np.isfinite(area))
    scores = np.full(len(area), np.nan)
    worst = np.zeros(len(area), dtype=np.int8)
    names, label = _numbered(columns["label"][judged])
    sides = [columns[side][judged].astype(np.float64) for side in SIDES]
    counted = (sides[0] >= LEAST) & (sides[1] >= LEAST)
    many = np.bincount(label[counted], minlength=len(names))
    enough = many[label] >= int(parameters["enough"])
    away = np.stack([distances(values, label, counted, many) for values in sides])
    scores[judged] = np.where(enough, away.max(axis=0), np.nan)
    worst[judged] = away.argmax(axis=0)
    value = np.choose(worst, [columns[side].astype(np.float64) for side in SIDES])
    found = beyond(scores, float(parameters["threshold"]), ABOVE)
    return Verdict(scores, found.caught, details={"side": np.array(SIDES)[worst], "value": value})


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
        mean = np.bincount(label[counted], values[counted], len(many)) / many
        apart = values - mean[label]
        spread = np.sqrt(np.bincount(label[counted], apart[counted] ** 2, len(many)) / many)[label]
        flat = spread <= 1e-9 * np.abs(mean[label])  # rounding
        far = np.where(np.abs(apart) <= 1e-6 * np.abs(mean[label]), 0.0, np.inf)
        return np.asarray(np.where(flat, far, np.abs(apart) / spread))


KIND = Kind(
    name="size_outlier",
    about="object",
    rows=OBJECT,
    columns=("label", "w", "h", "area"),
    judge=judge,
    parameters=(Parameter("threshold", "number", 5.0, 0, 1000), Parameter("enough", "whole", 30, 2, 1_000_000)),
    line="threshold",
    side=ABOVE,
    source="datumaro validator, FarFromLabelMean",
)

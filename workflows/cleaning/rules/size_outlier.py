"""Objects whose width, height or area is far from what their label has elsewhere.

Mean and standard deviation are of all objects of the label among the rows; those under a pixel wide or high are judged but not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import ABOVE, OBJECT, Columns, Kind, Parameter, Parameters, Verdict, beyond

SIDES = ("w", "h", "area")
LEAST = 1.0  # pixels
PIECE = 1 << 14  # objects


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the largest of the three distances from the mean, in standard deviations; details: which side it is, and its value."""
    known = np.isfinite(columns["area"])
    judged: NDArray[np.intp] | slice = slice(None) if known.all() else np.flatnonzero(known)
    names, label = _numbered(columns["label"][judged])
    sides = [columns[side][judged] for side in SIDES]
    counted = (sides[0] >= LEAST) & (sides[1] >= LEAST)
    many = np.bincount(label if counted.all() else label[counted], minlength=len(names))
    worst, far = np.zeros(len(label), np.int8), np.full(len(label), -np.inf)
    for place, values in enumerate(sides):
        away = distances(values, label, counted, many)
        worst[away > far] = place
        np.maximum(far, away, out=far)
    few = many < int(parameters["enough"])
    if few.any():
        far[few[label]] = np.nan
    scores, side = np.full(len(known), np.nan), np.zeros(len(known), np.int8)
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


def distances(values: NDArray[np.floating[Any]], label: NDArray[np.intp], counted: NDArray[np.bool_], many: NDArray[np.intp]) -> NDArray[np.float64]:
    """How many standard deviations (of the population) each value is from the mean of its label; 0 where all are the same."""
    away = np.empty(len(values))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = _sums(lambda some: values[some].astype(np.float64), label, counted, len(many)) / many
        spread = np.sqrt(_sums(lambda some: (values[some] - mean[label[some]]) ** 2, label, counted, len(many)) / many)
        flat = spread <= 1e-9 * np.abs(mean)  # rounding
        for some in _pieces(len(values)):
            apart = np.abs(values[some] - mean[label[some]])
            away[some] = apart / spread[label[some]]
            if flat.any():
                same = np.where(apart <= 1e-6 * np.abs(mean)[label[some]], 0.0, np.inf)
                away[some] = np.where(flat[label[some]], same, away[some])
    return away


def _sums(of: Callable[[slice], NDArray[np.float64]], label: NDArray[np.intp], counted: NDArray[np.bool_], labels: int) -> NDArray[np.float64]:
    """Sums by label of what is counted."""
    found = np.zeros(labels)
    for some in _pieces(len(label)):
        values, there = of(some), counted[some]
        found += np.bincount(label[some], values, labels) if there.all() else np.bincount(label[some][there], values[there], labels)
    return found


def _pieces(n: int) -> Iterator[slice]:
    """That stay in the processor's cache."""
    return (slice(start, start + PIECE) for start in range(0, n, PIECE))


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

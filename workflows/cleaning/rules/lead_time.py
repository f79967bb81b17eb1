"""Answers that took far less, or far more, time than the person's others: clicked through, or left lying.

How far is told on the logarithm of the seconds, since times spread by factors: by median and median absolute deviation, which a
few strange ones do not move. A person with few answers is compared with everybody.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures.equal import numbered, sorting
from workflows.cleaning.rules.kind import ABOVE, Columns, Kind, Parameter, Parameters, Verdict, beyond

_NORMAL = 1.4826  # the deviation of a normal distribution in median absolute deviations
_NARROWEST = 0.1  # nobody is so regular that less than a tenth more or less is strange


def _medians(values: NDArray[np.float64], numbers: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each row, the median of the rows with its number; `counts` are by number."""
    by_value = np.argsort(values)
    ordered = values[by_value[sorting(numbers[by_value])]]
    starts = np.cumsum(counts) - counts
    middles: NDArray[np.float64] = (ordered[starts + (counts - 1) // 2] + ordered[starts + counts // 2]) / 2
    return middles[numbers]


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    seconds, people = columns["seconds"].astype(np.float64), columns["person"]
    scores, usual = np.full(len(seconds), np.nan), np.full(len(seconds), np.nan)
    rows = np.flatnonzero((people != 0) & (seconds > 0) & np.isfinite(seconds))
    if rows.size:
        logs = np.log(seconds[rows])
        numbers, counts = numbered(people[rows])
        enough = counts[numbers] >= int(parameters["enough"])
        everybody = np.median(logs)
        middle = np.where(enough, _medians(logs, numbers, counts), everybody)
        spread = np.where(enough, _medians(np.abs(logs - middle), numbers, counts), np.median(np.abs(logs - everybody)))
        z = (logs - middle) / np.maximum(spread * _NORMAL, _NARROWEST)
        scores[rows] = {"fast": -z, "slow": z, "both": np.abs(z)}[parameters["sides"]]
        usual[rows] = middle
    found = beyond(scores, float(parameters["threshold"]), ABOVE)
    usual[found.caught] = np.exp(usual[found.caught])
    usual[~found.caught] = np.nan
    return Verdict(found.scores, found.caught, details={"seconds": seconds, "usual": usual})


KIND = Kind(
    name="lead_time",
    about="set",
    columns=("person", "seconds"),
    judge=_judge,
    parameters=(
        Parameter("threshold", "number", 3.5, 0),
        Parameter("sides", "choice", "both", options=("fast", "slow", "both")),
        Parameter("enough", "whole", 20, 2),
    ),
    line="threshold",
    side=ABOVE,
    slow=True,
    source="Iglewicz and Hoaglin, modified z-score 3.5; encord-active, annotation duration",
)

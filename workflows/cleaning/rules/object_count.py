"""Items with far fewer or far more objects than others: outside the quartiles by a multiple of their distance, or outside bounds that are given."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import ITEM, Columns, Kind, Parameter, Parameters, Verdict

ENOUGH = 20  # labelled items from which on quartiles say something


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the number of objects, NaN for items without labels; details: `low` and `high`, the band."""
    counts = columns["objects"].astype(np.float64)
    low, high = band(counts[np.isfinite(counts)], float(parameters["factor"]))
    low = max(low, 0.0, float(parameters["least"]))
    if int(parameters["most"]):
        high = min(high, float(parameters["most"]))
    high = min(high, float(np.nanmax(counts, initial=0.0)))  # no farther than there are any, to be shown
    with np.errstate(invalid="ignore"):
        caught = (counts < low) | (counts > high)
    return Verdict(counts, caught, details={"low": np.full(len(counts), low), "high": np.full(len(counts), high)})


def band(counts: np.typing.NDArray[np.float64], factor: float) -> tuple[float, float]:
    """The counts that are usual; all of them where the factor is 0 or there are too few to say. A distance of quartiles is at least one object."""
    if not factor or len(counts) < ENOUGH:
        return 0.0, np.inf
    first, third = np.percentile(counts, [25, 75])
    reach = factor * max(third - first, 1.0)
    return float(first - reach), float(third + reach)


KIND = Kind(
    name="object_count",
    about="object",
    rows=ITEM,
    columns=("objects",),
    judge=judge,
    parameters=(
        Parameter("factor", "number", 3.0, 0, 100),
        Parameter("least", "whole", 0, 0, 20_000),
        Parameter("most", "whole", 0, 0, 20_000),
    ),
    severity="info",
    source="encord-active, object count against its distribution; quartiles as for odd sizes in cleanvision",
)

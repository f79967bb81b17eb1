"""Objects without a value for an attribute that their label's schema requires."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import OBJECT, Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is how many are missing."""
    return Verdict(columns["lacks"].astype(np.float64), np.asarray(columns["lacks"] > 0))


KIND = Kind(
    name="missing_attribute",
    about="object",
    rows=OBJECT,
    columns=("lacks",),
    judge=judge,
    source="datumaro validator, MissingAttribute, of required ones",
)

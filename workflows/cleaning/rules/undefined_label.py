"""Objects whose label the project's present schema no longer has."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import OBJECT, Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is 1 for those, 0 for others."""
    undefined = columns["undefined"].astype(bool)
    return Verdict(undefined.astype(np.float64), undefined)


KIND = Kind(
    name="undefined_label",
    about="object",
    rows=OBJECT,
    columns=("undefined",),
    judge=judge,
    severity="error",
    source="datumaro validator, UndefinedLabel",
)

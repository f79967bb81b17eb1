"""Among which rows alike ones are looked for: all, those of the same batch, or those of the same group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import Columns, Parameter, Parameters

SCOPES = ("all", "batch", "group")
SCOPE = Parameter("among", "choice", "all", options=SCOPES)


def scope_columns(parameters: Parameters) -> tuple[str, ...]:
    """The column that the scope is told from, if it needs one."""
    return () if parameters["among"] == "all" else (str(parameters["among"]),)


def sets(columns: Columns, parameters: Parameters) -> NDArray[np.int64] | None:
    """A number of its set for each row, -1 for a row that belongs to none (an item without a group); None when all are one set."""
    if parameters["among"] == "all":
        return None
    values = columns[parameters["among"]]
    numbers = np.unique(values, return_inverse=True)[1].ravel().astype(np.int64)
    return np.where(values == 0, -1, numbers)

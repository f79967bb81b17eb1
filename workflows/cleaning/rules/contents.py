"""By what rules take two items for the same: their very bytes or text, or what a picture looks like."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import Columns, Parameter, Parameters

BY = Parameter("by", "choice", "content", options=("content", "phash"))


def looked_at(parameters: Parameters) -> tuple[str, ...]:
    """The columns that are needed."""
    return ("phash", "seen") if parameters["by"] == "phash" else ("content",)


def known(columns: Columns, parameters: Parameters) -> NDArray[np.bool_]:
    """The rows that can be compared. A perceptual hash of 0 is one, of a picture that is black all over."""
    return columns["seen"].astype(np.bool_) if parameters["by"] == "phash" else columns["content"] != 0

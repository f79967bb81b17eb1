"""Spans whose offsets and quote disagree, or that end inside a character."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.measures.spans import MISQUOTED, SPLIT, UNKNOWN
from workflows.cleaning.rules.kind import OBJECT, Columns, Kind, Parameter, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is 0 for a span that fits, 1 for one whose quote differs, 2 for one that splits a character."""
    found = columns["misquoted"]
    caught = (found == MISQUOTED) | ((found == SPLIT) & bool(parameters["characters"]))
    return Verdict(np.where(found == UNKNOWN, np.nan, found).astype(np.float64), caught)


KIND = Kind(
    name="misquoted_span",
    about="object",
    rows=OBJECT,
    columns=("misquoted",),
    judge=judge,
    parameters=(Parameter("characters", "flag", True),),
    severity="error",
    source="our own: offsets against the text, characters by Unicode's text segmentation",
)

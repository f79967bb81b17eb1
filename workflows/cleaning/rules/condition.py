"""A team's own rule: whatever a condition of the query language says. Nothing of it is code."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.verdicts import yes_or_no


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    return yes_or_no(columns[f"query:{parameters['q']}"].astype(np.bool_))


KIND = Kind(
    name="condition",
    about="set",
    columns=lambda parameters: (f"query:{parameters['q']}",),
    judge=_judge,
    parameters=(Parameter("q", "query"),),
    source="own",
)

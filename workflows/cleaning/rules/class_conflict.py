"""Objects that lie on one of another label: one thing that was given two names, of which at most one is right."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.duplicate_objects import twins
from workflows.cleaning.rules.kind import ABOVE, OBJECT, Columns, Kind, Parameter, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the overlap; both of a pair are caught, since either may be wrong. Details: `rival`, the other's place."""
    other = columns["other"].astype(np.float32)
    return Verdict(other.astype(np.float64), other >= np.float32(parameters["threshold"]), twins(columns, "rival"), {"rival": columns["rival"]})


KIND = Kind(
    name="class_conflict",
    about="object",
    rows=OBJECT,
    columns=("item", "place", "other", "rival"),
    judge=judge,
    parameters=(Parameter("threshold", "number", 0.8, 0.1, 1),),
    line="threshold",
    side=ABOVE,
    reached=True,
    source="encord-active, class conflicts",
)

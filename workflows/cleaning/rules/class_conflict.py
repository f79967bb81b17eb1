"""Objects that lie on one of another label: one thing that was given two names, of which at most one is right."""

from __future__ import annotations

from workflows.cleaning.rules.kind import Columns, Parameters, Verdict
from workflows.cleaning.rules.overlapping import overlap_kind, overlapping, twins


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the overlap; both of a pair are caught, since either may be wrong. Details: `rival`, the other's place."""
    return overlapping(columns["other"], parameters, twins(columns, "rival"), rival=columns["rival"])


KIND = overlap_kind("class_conflict", judge, ("other", "rival"), threshold=0.8, source="encord-active, class conflicts")

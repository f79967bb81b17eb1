"""Objects that lie on an earlier one of the same label: the same thing labelled twice.

Of each pair the later by place is caught, so that what stays when all findings are taken out still covers everything once.
"""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Parameters, Verdict
from workflows.cleaning.rules.overlapping import overlap_kind, overlapping, twins


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the overlap with an earlier object of the label; details: `twin`, its place."""
    same, twin = columns["same"], twins(columns, "twin")
    row = np.arange(len(same))
    scores, partners = np.where(np.isnan(same), np.nan, 0.0), np.full(len(same), -1, dtype=np.int64)
    paired = np.flatnonzero(twin >= 0)
    later, earlier = np.maximum(row[paired], twin[paired]), np.minimum(row[paired], twin[paired])
    order = np.argsort(same[paired], kind="stable")  # of several pairs the largest comes last and stays
    scores[later[order]], partners[later[order]] = same[paired[order]], earlier[order]
    place = np.where(partners >= 0, columns["place"][partners], -1) if len(same) else partners
    return overlapping(scores, parameters, partners, twin=place)


KIND = overlap_kind("duplicate_objects", judge, ("same", "twin"), threshold=0.6, source="encord-active, object duplicates")

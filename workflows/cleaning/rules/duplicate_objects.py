"""Objects that lie on an earlier one of the same label: the same thing labelled twice.

Of each pair the later by place is caught, so that what stays when all findings are taken out still covers everything once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.kind import ABOVE, OBJECT, Columns, Kind, Parameter, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is the overlap with an earlier object of the label; details: `twin`, its place."""
    same = columns["same"].astype(np.float32)
    row = np.arange(len(same))
    twin = twins(columns, "twin")
    scores = np.where(np.isnan(same), np.nan, 0.0)
    partners = np.full(len(same), -1, dtype=np.int64)
    paired = np.flatnonzero(twin >= 0)
    later, earlier = np.maximum(row[paired], twin[paired]), np.minimum(row[paired], twin[paired])
    order = np.argsort(same[paired], kind="stable")  # of several pairs the largest comes last and stays
    scores[later[order]], partners[later[order]] = same[paired[order]], earlier[order]
    caught = scores.astype(np.float32) >= np.float32(parameters["threshold"])
    place = np.where(partners >= 0, columns["place"][partners], -1) if len(same) else partners
    return Verdict(scores, caught, partners, {"twin": place})


def twins(columns: Columns, name: str) -> NDArray[np.int64]:
    """The row of the object that a column names by its place in the same item; -1 for none. Objects of an item are rows next to each other."""
    place, wanted, item = columns["place"].astype(np.int64), columns[name].astype(np.int64), columns["item"]
    found = np.arange(len(place)) - place + wanted
    inside = (wanted >= 0) & (found >= 0) & (found < len(place))
    at = np.where(inside, found, 0)
    return np.where(inside & (item[at] == item) & (place[at] == wanted), found, -1) if len(place) else found


KIND = Kind(
    name="duplicate_objects",
    about="object",
    rows=OBJECT,
    columns=("item", "place", "same", "twin"),
    judge=judge,
    parameters=(Parameter("threshold", "number", 0.6, 0.1, 1),),
    line="threshold",
    side=ABOVE,
    reached=True,
    source="encord-active, object duplicates",
)

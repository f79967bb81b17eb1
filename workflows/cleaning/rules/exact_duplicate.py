"""Pictures that are there before: equal bytes, or equal pixels behind different bytes (another name, other metadata, another packing).

Of each group the one with the lowest id is kept, and the others point to it. The score is how many there are, 1 for a picture of its own.
"""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.sameness import first_alike
from workflows.cleaning.rules.scopes import SCOPE, scope_columns, sets


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    content, among = columns["content"], sets(columns, parameters)
    picture = (content != 0) & (columns["format"] != "TEXT")
    digests = (np.where(picture, content, 0), *((np.where(picture, columns["pixels"], 0),) if parameters["pixels"] else ()))
    keeper = first_alike(digests, among)
    caught = keeper != np.arange(len(keeper))
    judged = picture if among is None else picture & (among >= 0)
    scores = np.where(judged, np.bincount(keeper, minlength=len(keeper))[keeper], np.nan)
    rows = np.flatnonzero(caught)
    same = np.full(len(keeper), None, object)
    same[rows] = np.where(content[rows] == content[keeper[rows]], "bytes", "pixels")
    return Verdict(scores, caught, np.where(caught, keeper, -1), {"same": same})


KIND = Kind(
    name="exact_duplicate",
    about="picture",
    columns=lambda parameters: ("content", "format", *(("pixels",) if parameters["pixels"] else ()), *scope_columns(parameters)),
    judge=judge,
    parameters=(Parameter("pixels", "flag", True), SCOPE),
    action="quarantine",
    source="cleanvision, exact duplicates; pixels are compared with mode and size",
)

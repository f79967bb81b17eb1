"""Texts whose words are too short or too long on the average to be language: tables, codes, words run together. Not for scripts without spaces."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    scores = columns["mean_word"].astype(np.float64)
    with np.errstate(invalid="ignore"):
        return Verdict(scores, (scores < float(parameters["least"])) | (scores > float(parameters["most"])))


KIND = Kind(
    name="odd_words",
    about="text",
    columns=("mean_word",),
    judge=judge,
    parameters=(Parameter("least", "number", 3, 0, 1000), Parameter("most", "number", 10, 0, 1000)),
    source="datatrove, Gopher quality filter",
)

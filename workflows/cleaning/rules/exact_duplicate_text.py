"""Texts that differ in nothing but case, width, spaces and punctuation. Kept is the one that came first."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is how many texts before it a caught one repeats; rows come in the order of item ids."""
    normal = columns["normal"]
    order = np.argsort(normal, kind="stable")
    begins = np.flatnonzero(np.concatenate(([True], normal[order][1:] != normal[order][:-1]))) if len(order) else np.zeros(0, np.int64)
    sizes = np.diff(begins, append=len(order))
    first = np.empty(len(order), np.int64)
    first[order] = order[np.repeat(begins, sizes)]
    copies = np.empty(len(order), np.int64)
    copies[order] = np.repeat(sizes, sizes)
    place = np.empty(len(order), np.float64)
    place[order] = np.arange(len(order)) - np.repeat(begins, sizes)
    known = normal != 0
    caught = known & (place > 0)
    return Verdict(np.where(known, place, np.nan), caught, np.where(caught, first, -1), {"copies": np.where(known, copies, 0)})


KIND = Kind(
    name="exact_duplicate_text",
    about="text",
    columns=("normal",),
    judge=judge,
    severity="error",
    action="quarantine",
    source="own: sha256 of the text without case, width, spaces and punctuation",
)

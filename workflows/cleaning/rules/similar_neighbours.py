"""Frames that add nothing: in the order of its group, a frame is kept when it differs in enough bits from the last one that was kept.

The score is that number of bits, infinite for the first frame, which has none before it; it depends on which frame was kept before, and with that on the parameter. Frames without a
place come after those with one, by id. Items without a group are not judged.
"""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.hamming import BITS
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    groups, hashes, fewer = columns["group"], columns["phash"], int(parameters["bits"])
    n = len(groups)
    measured = columns["seen"].astype(bool) & np.isfinite(columns["blur"].astype(np.float64))
    rows = np.flatnonzero(measured & (groups != 0))
    rows = rows[np.lexsort((rows, columns["frame"].astype(np.float64)[rows], groups[rows]))]
    distances, keepers = [], []
    group = kept = kept_row = -1
    for row, own, value in zip(rows.tolist(), groups[rows].tolist(), hashes[rows].tolist(), strict=True):
        distance = (value ^ kept).bit_count() if own == group else np.inf
        close = distance < fewer
        distances.append(distance)
        keepers.append(kept_row if close else -1)
        if not close:
            group, kept, kept_row = own, value, row
    scores = np.full(n, np.nan)
    scores[rows] = distances
    partners = np.full(n, -1, dtype=np.int64)
    partners[rows] = keepers
    return Verdict(scores, partners >= 0, partners)


KIND = Kind(
    name="similar_neighbours",
    about="picture",
    columns=("seen", "phash", "blur", "group", "frame"),
    judge=judge,
    parameters=(Parameter("bits", "whole", 5, 1, BITS),),
    severity="info",
    alone=True,
    source="own: the perceptual hash of near duplicates against the last frame kept",
)

"""Pictures that are upright only for those who read EXIF: tag 274 turns or mirrors them. Tools that do not read it put labels in wrong places."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    tag = columns["orientation"].astype(np.float64)
    return Verdict(np.where(tag < 0, np.nan, tag), tag > 1)


KIND = Kind(
    name="rotated",
    about="picture",
    columns=("orientation",),
    judge=judge,
    severity="info",
    source="EXIF 2.3, tag 274",
)

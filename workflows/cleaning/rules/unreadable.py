"""Pictures that cannot be decoded to their last byte. Scores 1, and 0 for those that can."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    seen, fault = columns["seen"].astype(bool), columns["fault"]
    caught = seen & (fault != "") & (fault != None)  # noqa: E711  of each element
    return Verdict(np.where(seen, caught.astype(np.float64), np.nan), caught, details={"fault": columns["fault"]})


KIND = Kind(
    name="unreadable",
    about="picture",
    columns=("seen", "fault"),
    judge=judge,
    severity="error",
    action="quarantine",
    source="cleanvision and fastdup name it; the decoding is annotate.media.probe",
)

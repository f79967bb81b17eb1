"""Texts that hold personal data: addresses of mail, network addresses, phones, payment cards, Chinese identity numbers."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.measures.personal import NAMES, names
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    """The score is how many of the kinds that are asked for a text holds."""
    seen = columns["text_seen"]
    asked = sum(bit for name, bit in NAMES.items() if parameters[name])
    found = np.where(seen, columns["personal"], 0) & asked
    scores = np.where(seen, np.bitwise_count(found).astype(np.float64), np.nan)
    said = np.array([", ".join(names(bits)) for bits in range(1 << len(NAMES))], object)
    return Verdict(scores, found != 0, details={"found": said[found]})


KIND = Kind(
    name="personal_data",
    about="text",
    columns=("text_seen", "personal"),
    judge=judge,
    parameters=tuple(Parameter(name, "flag", True) for name in NAMES),
    severity="error",
    action="quarantine",
    source="datatrove, PII formatter (e-mail, IP); own, see measures.personal",
)

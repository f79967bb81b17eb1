"""Texts that say nothing: no letter, digit or symbol, at most spaces and punctuation."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import Columns, Kind, Parameters, Verdict


def judge(columns: Columns, parameters: Parameters) -> Verdict:
    seen = columns["text_seen"]
    empty = seen & (columns["normal"] == 0)
    return Verdict(np.where(seen, empty.astype(np.float64), np.nan), empty)


KIND = Kind(
    name="empty_text",
    about="text",
    columns=("text_seen", "normal"),
    judge=judge,
    severity="error",
    action="quarantine",
    source="own; data-juicer, text_length_filter",
)

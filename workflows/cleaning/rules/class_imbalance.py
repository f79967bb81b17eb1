"""Labels far rarer than the commonest one, or than an even share would be. A label without objects counts as if it had one."""

from __future__ import annotations

import numpy as np

from workflows.cleaning.rules.kind import LABEL, Columns, Kind, Parameter, Parameters, Verdict


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    counts = columns["label_objects"].astype(np.float64)
    total, largest = np.nansum(counts), np.nanmax(counts, initial=0.0)
    details = {"objects": counts, "largest": np.full(len(counts), largest)}
    if parameters["method"] == "ratio":
        scores = largest / np.maximum(counts, 1.0) if total else np.full(len(counts), np.nan)
        return Verdict(scores, scores >= float(parameters["ratio"]), details=details)
    scores = counts / total * np.isfinite(counts).sum() if total else np.full(len(counts), np.nan)
    return Verdict(scores, scores < float(parameters["share"]), details=details)


KIND = Kind(
    name="class_imbalance",
    about="set",
    columns=("label_name", "label_objects"),
    judge=_judge,
    parameters=(
        Parameter("method", "choice", "ratio", options=("ratio", "share")),
        Parameter("ratio", "number", 50.0, 1),
        Parameter("share", "number", 0.1, 0, 1),
    ),
    rows=LABEL,
    source="datumaro validator, ImbalancedLabels (ratio 50); cleanlab Datalab, class_imbalance (share 0.1)",
)

"""Labels with too few objects to learn or to measure anything from."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, LABEL, Kind, Parameter, line

KIND = Kind(
    name="few_samples",
    about="set",
    columns=("label_name", "label_objects"),
    judge=line("label_objects", "threshold", BELOW),
    parameters=(Parameter("threshold", "whole", 10, 0),),
    line="threshold",
    side=BELOW,
    rows=LABEL,
    source="datumaro validator, FewSamplesInLabel (at most 1 there)",
)

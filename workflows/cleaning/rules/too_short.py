"""Texts of fewer characters than a task can be done on."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, Kind, Parameter, line

KIND = Kind(
    name="too_short",
    about="text",
    columns=("characters",),
    judge=line("characters", "threshold", BELOW),
    parameters=(Parameter("threshold", "whole", 10, 0, 4_000_000),),
    line="threshold",
    side=BELOW,
    source="data-juicer, text_length_filter",
)

"""Texts of more characters than a person reads for one answer."""

from __future__ import annotations

from workflows.cleaning.rules.kind import ABOVE, Kind, Parameter, line

KIND = Kind(
    name="too_long",
    about="text",
    columns=("characters",),
    judge=line("characters", "threshold", ABOVE),
    parameters=(Parameter("threshold", "whole", 20_000, 1, 4_000_000),),
    line="threshold",
    side=ABOVE,
    source="own; data-juicer, text_length_filter leaves the bound to the user",
)

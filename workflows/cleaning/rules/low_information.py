"""Pictures that say little: few values, most pixels alike."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, Kind, Parameter, line

KIND = Kind(
    name="low_information",
    about="picture",
    columns=("information",),
    judge=line("information", "threshold", BELOW),
    parameters=(Parameter("threshold", "number", 0.3, 0, 1),),
    line="threshold",
    side=BELOW,
    source="cleanvision, is_low_information_issue",
)

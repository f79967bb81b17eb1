"""Pictures so dark that even their brightest parts are: the 99th percentile of brightness, 0 black to 1 white."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, Kind, Parameter, line

KIND = Kind(
    name="dark",
    about="picture",
    columns=("bright_p99",),
    judge=line("bright_p99", "threshold", BELOW),
    parameters=(Parameter("threshold", "number", 0.32, 0, 1),),
    line="threshold",
    side=BELOW,
    source="cleanvision, is_dark_issue",
)

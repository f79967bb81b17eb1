"""Pictures so bright that even their darkest parts are: the 5th percentile of brightness, 0 black to 1 white."""

from __future__ import annotations

from workflows.cleaning.rules.kind import ABOVE, Kind, Parameter, line

KIND = Kind(
    name="bright",
    about="picture",
    columns=("bright_p5",),
    judge=line("bright_p5", "threshold", ABOVE),
    parameters=(Parameter("threshold", "number", 0.95, 0, 1),),
    line="threshold",
    side=ABOVE,
    source="cleanvision, is_light_issue (there as 1 less the percentile, below 0.05)",
)

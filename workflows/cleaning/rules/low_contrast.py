"""Pictures whose greys lie close together, as in fog or behind a dirty lens: 95th less 5th percentile."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, Kind, Parameter, line

KIND = Kind(
    name="low_contrast",
    about="picture",
    columns=("contrast",),
    judge=line("contrast", "threshold", BELOW),
    parameters=(Parameter("threshold", "number", 0.1, 0, 1),),
    line="threshold",
    side=BELOW,
    source="fastdup's list names the measure; the default is our own",
)

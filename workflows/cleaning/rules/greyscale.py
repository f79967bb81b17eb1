"""Grey pictures in a coloured set, whatever their mode: the largest difference of channels in any place.

The default leaves room for what a colour transform and JPEG add to grey."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, Kind, Parameter, line

KIND = Kind(
    name="greyscale",
    about="picture",
    columns=("colour",),
    judge=line("colour", "threshold", BELOW),
    parameters=(Parameter("threshold", "number", 0.03, 0, 1),),
    line="threshold",
    side=BELOW,
    source="cleanvision, is_grayscale_issue, by values and not by mode",
)

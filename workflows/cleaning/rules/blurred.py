"""Pictures without sharp edges at 64 pixels.

The source's default is careful: it caught none of eleven sharp photographs, but of the same ones blurred by 8 pixels of 640 only one, and by 12
three. A line at 0.45 caught six of eleven blurred by 8, and two sharp ones. Compare pictures of one kind, and look where the histogram parts.
Of a picture that is blurred until it is all one grey, the source's formula thinks that it is a drawing: that is what `low_information` and
`low_contrast` are for."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, Kind, Parameter, line

KIND = Kind(
    name="blurred",
    about="picture",
    columns=("blur",),
    judge=line("blur", "threshold", BELOW),
    parameters=(Parameter("threshold", "number", 0.29, 0, 1),),
    line="threshold",
    side=BELOW,
    source="cleanvision, is_blurry_issue",
)

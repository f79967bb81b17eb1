"""Objects that reach out of their picture, by pixels on the side where they do so most."""

from __future__ import annotations

from workflows.cleaning.rules.kind import ABOVE, OBJECT, Kind, Parameter, line

KIND = Kind(
    name="outside_picture",
    about="object",
    rows=OBJECT,
    columns=("outside",),
    judge=line("outside", "threshold", ABOVE),
    parameters=(Parameter("threshold", "number", 1.0, 0, 100_000),),
    line="threshold",
    side=ABOVE,
    source="datumaro validator, out of bounds; a tolerance of one pixel as at submission",
)

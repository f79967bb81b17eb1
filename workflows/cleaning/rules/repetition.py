"""Texts that say the same again and again: repeated stretches of words, or short patterns over and over."""

from __future__ import annotations

from workflows.cleaning.rules.kind import ABOVE, Kind, Parameter, line

KIND = Kind(
    name="repetition",
    about="text",
    columns=("repeated",),
    judge=line("repeated", "threshold", ABOVE),
    parameters=(Parameter("threshold", "number", 0.15, 0, 1),),
    line="threshold",
    side=ABOVE,
    source="datatrove, Gopher repetition filter, share of characters in repeated 5-grams",
)

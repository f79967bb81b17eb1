"""Texts whose bytes were once read in a wrong encoding, or damaged: how many characters show it."""

from __future__ import annotations

from workflows.cleaning.rules.kind import ABOVE, Kind, Parameter, line

KIND = Kind(
    name="broken_encoding",
    about="text",
    columns=("broken",),
    judge=line("broken", "threshold", ABOVE),
    parameters=(Parameter("threshold", "whole", 0, 0, 1_000_000),),
    line="threshold",
    side=ABOVE,
    source="own: see measures.encoding",
)

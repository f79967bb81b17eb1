"""Texts of which much is neither letter, digit, space nor usual punctuation: tables, code, drawings of characters."""

from __future__ import annotations

from workflows.cleaning.rules.kind import ABOVE, Kind, Parameter, line

KIND = Kind(
    name="symbols",
    about="text",
    columns=("symbols",),
    judge=line("symbols", "threshold", ABOVE),
    parameters=(Parameter("threshold", "number", 0.25, 0, 1),),
    line="threshold",
    side=ABOVE,
    source="data-juicer, special_characters_filter",
)

"""Texts of few words; of Chinese and Japanese, few characters that are not punctuation."""

from __future__ import annotations

from workflows.cleaning.rules.kind import BELOW, Kind, Parameter, line

KIND = Kind(
    name="few_words",
    about="text",
    columns=("words",),
    judge=line("words", "threshold", BELOW),
    parameters=(Parameter("threshold", "whole", 10, 0, 100_000),),
    line="threshold",
    side=BELOW,
    source="data-juicer, words_num_filter; datatrove asks for 50 of pages from the web",
)

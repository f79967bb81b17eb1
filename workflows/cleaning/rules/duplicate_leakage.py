"""The same content in two splits of a set: what was trained on is tested with."""

from __future__ import annotations

from dataclasses import replace

from workflows.cleaning.measures.equal import codes
from workflows.cleaning.rules.contents import BY, known, looked_at
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.verdicts import on_two_sides


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    texts = columns[f"meta.{parameters['field']}"]
    splits = codes(texts)
    there = known(columns, parameters) & (splits >= 0)
    return replace(on_two_sides(columns[parameters["by"]], splits, columns["item"], there), details={"split": texts})


KIND = Kind(
    name="duplicate_leakage",
    about="set",
    columns=lambda parameters: (*looked_at(parameters), f"meta.{parameters['field']}", "item"),
    judge=_judge,
    parameters=(Parameter("field", "text", "split"), BY),
    source="own; FiftyOne, leaky splits",
)

"""Groups torn apart by a split: frames of one drive in training and in test make the test say too much."""

from __future__ import annotations

from dataclasses import replace

from workflows.cleaning.measures.equal import codes
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.verdicts import on_two_sides


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    texts = columns[f"meta.{parameters['field']}"]
    splits, groups = codes(texts), columns["group"]
    return replace(on_two_sides(groups, splits, columns["item"], (groups != 0) & (splits >= 0)), details={"split": texts})


KIND = Kind(
    name="group_leakage",
    about="set",
    columns=lambda parameters: ("group", f"meta.{parameters['field']}", "item"),
    judge=_judge,
    parameters=(Parameter("field", "text", "split"),),
    source="own",
)

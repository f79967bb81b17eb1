"""The same content with different answers: at least one of them is wrong."""

from __future__ import annotations

from workflows.cleaning.rules.contents import BY, known, looked_at
from workflows.cleaning.rules.kind import Columns, Kind, Parameters, Verdict
from workflows.cleaning.rules.verdicts import on_two_sides


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    answered = (columns["annotation"] != 0) & (columns["answer"] != 0)
    return on_two_sides(columns[parameters["by"]], columns["answer"], columns["item"], known(columns, parameters) & answered)


KIND = Kind(
    name="conflicting_labels",
    about="set",
    columns=lambda parameters: (*looked_at(parameters), "annotation", "answer", "item"),
    judge=_judge,
    parameters=(BY,),
    source="deepchecks, ConflictingLabels",
)

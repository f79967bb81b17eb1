"""Metadata that should tell items apart and does not: the same value twice. The item of the lowest id keeps it."""

from __future__ import annotations

from dataclasses import replace

from workflows.cleaning.measures.equal import codes
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.verdicts import all_but_first


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    texts = columns[f"meta.{parameters['field']}"]
    values = codes(texts)
    return replace(all_but_first(values, columns["item"], values >= 0), details={"value": texts})


KIND = Kind(
    name="not_unique",
    about="set",
    columns=lambda parameters: (f"meta.{parameters['field']}", "item"),
    judge=_judge,
    parameters=(Parameter("field", "text"),),
    source="Great Expectations, expect_column_values_to_be_unique",
)

"""Items that came without a value they should have: no such field of metadata, or an empty one."""

from __future__ import annotations

from workflows.cleaning.measures.equal import is_blank
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.verdicts import yes_or_no


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    return yes_or_no(is_blank(columns[f"meta.{parameters['field']}"]))


KIND = Kind(
    name="missing_meta",
    about="set",
    columns=lambda parameters: (f"meta.{parameters['field']}",),
    judge=_judge,
    parameters=(Parameter("field", "text"),),
    source="Great Expectations, expect_column_values_to_not_be_null",
)

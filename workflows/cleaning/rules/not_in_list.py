"""Metadata whose value is none of those that are known. Where there is no value, `missing_meta` speaks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from workflows.cleaning.measures.equal import is_blank
from workflows.cleaning.rules.fault import Fault
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.verdicts import yes_or_no


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    texts, allowed = columns[f"meta.{parameters['field']}"], frozenset(parameters["names"])
    strange = np.fromiter((text not in allowed for text in texts.tolist()), bool, len(texts))
    return yes_or_no(strange, ~is_blank(texts), value=texts)


def _check(parameters: Parameters) -> Mapping[str, Fault]:
    return {} if parameters["names"] else {"names": Fault("at least one text")}


KIND = Kind(
    name="not_in_list",
    about="set",
    columns=lambda parameters: (f"meta.{parameters['field']}",),
    judge=_judge,
    parameters=(Parameter("field", "text"), Parameter("names", "names")),
    check=_check,
    source="Great Expectations, expect_column_values_to_be_in_set",
)

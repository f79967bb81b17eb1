"""Metadata that should be a number within bounds, and is another or no number at all. Where there is no value, `missing_meta` speaks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.measures.equal import is_blank
from workflows.cleaning.rules.fault import Fault
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict
from workflows.cleaning.rules.verdicts import yes_or_no


def _number(text: str | None) -> float:
    """NaN for what is no number."""
    try:
        return math.nan if text is None or "_" in text else float(text)
    except ValueError:
        return math.nan


def numbers(texts: NDArray[Any]) -> NDArray[np.float64]:
    """The texts as numbers; NaN for None and for what is no finite number."""
    everything = texts.tolist()
    try:  # nearly always all are numbers, which is several times as fast
        found = np.array([math.nan if text is None else float(text) for text in everything])
    except ValueError:
        found = np.array([_number(text) for text in everything])
    else:
        if "_" in "".join(filter(None, everything)):  # a number to Python alone
            found = np.array([_number(text) for text in everything])
    return np.where(np.isfinite(found), found, np.nan)


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    texts = columns[f"meta.{parameters['field']}"]
    values = numbers(texts)
    within = (values >= float(parameters["least"])) & (values <= float(parameters["most"]))
    return yes_or_no(~within, ~is_blank(texts), value=texts, number=np.isfinite(values))


def _check(parameters: Parameters) -> Mapping[str, Fault]:
    return {"most": Fault("not below least")} if parameters["most"] < parameters["least"] else {}


KIND = Kind(
    name="out_of_range",
    about="set",
    columns=lambda parameters: (f"meta.{parameters['field']}",),
    judge=_judge,
    parameters=(Parameter("field", "text"), Parameter("least", "number"), Parameter("most", "number")),
    check=_check,
    source="Great Expectations, expect_column_values_to_be_between",
)

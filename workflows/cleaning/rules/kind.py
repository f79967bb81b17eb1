"""What a kind of rule is: parameters, and a pure function from columns of facts to scores and to what is caught.

A rule looks at many rows at once. A row is an item or, where `rows` says so, one object of an item's current labels, one label, or one quota. A column
is an array with one value per row; what a kind asks for by name is loaded for it (the names: `COLUMNS` in `columns.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.cleaning.rules.fault import Fault
from workflows.cleaning.rules.parameters import (
    ABOUT,
    ABOVE,
    ACTIONS,
    BELOW,
    ITEM,
    LABEL,
    OBJECT,
    QUOTA,
    SEVERITIES,
    TYPES,
    Parameter,
    wrong_values,
)

__all__ = [
    "ABOUT",
    "ABOVE",
    "ACTIONS",
    "BELOW",
    "ITEM",
    "LABEL",
    "OBJECT",
    "QUOTA",
    "SEVERITIES",
    "TYPES",
    "Columns",
    "Kind",
    "Parameter",
    "Parameters",
    "Verdict",
    "beyond",
    "line",
    "wrong_parameters",
]

Columns = Mapping[str, NDArray[Any]]
Parameters = Mapping[str, Any]

@dataclass(frozen=True)
class Verdict:
    """What a rule says of its rows.

    `scores`: float64, NaN where the rule has nothing to say of a row (no such facts, another medium): neither caught nor passed.
    `caught`: bool. `partners`: int64 row numbers that a finding points to (the keeper of a duplicate), -1 for none.
    `details`: further values by name, shown beside a finding.
    """

    scores: NDArray[np.float64]
    caught: NDArray[np.bool_]
    partners: NDArray[np.int64] | None = None
    details: Mapping[str, NDArray[Any]] = field(default_factory=dict)


Judge = Callable[[Columns, Parameters], Verdict]


@dataclass(frozen=True)
class Kind:
    """A kind of rule. `name` is its name in the API; its words to people stand in `cleaning.words`.

    `columns`: the names it needs, or a function that tells them from the parameters (`meta.<name>`, `query:<text>`). `line`: the
    parameter that is the threshold of the scores, if one is, `side` on which of it rows are caught, and `reached` whether those on it are too.
    `alone`: rows that no other is like have an infinite
    score, on the side that is not caught: histograms leave them out. `slow`: whether it takes longer than most, so that it is begun first.
    `source`: where algorithm and default come from. `check` says of parameters that are each fine what is wrong with them together, by name.
    """

    name: str
    about: str
    judge: Judge
    columns: Sequence[str] | Callable[[Parameters], Sequence[str]]
    source: str
    parameters: tuple[Parameter, ...] = ()
    line: str = ""
    side: str = ""
    reached: bool = False
    alone: bool = False
    rows: str = ITEM
    severity: str = "warning"
    action: str = "flag"
    slow: bool = False
    check: Callable[[Parameters], Mapping[str, Fault]] | None = None

    def needs(self, parameters: Parameters) -> tuple[str, ...]:
        """The columns that a rule with these parameters looks at."""
        return tuple(self.columns(parameters) if callable(self.columns) else self.columns)

    def defaults(self) -> dict[str, Any]:
        return {parameter.name: parameter.default for parameter in self.parameters}


def line(column: str, parameter: str, side: str) -> Judge:
    """The judge of a kind whose score is a column: caught are scores strictly below, or above, the parameter."""

    def judge(columns: Columns, parameters: Parameters) -> Verdict:
        return beyond(columns[column].astype(np.float64), float(parameters[parameter]), side)

    return judge


def beyond(scores: NDArray[np.float64], threshold: float, side: str) -> Verdict:
    """Caught are scores strictly below, or above, the threshold; NaN never is."""
    with np.errstate(invalid="ignore"):
        return Verdict(scores, scores < threshold if side == BELOW else scores > threshold)


def wrong_parameters(kind: Kind, given: Mapping[str, Any]) -> dict[str, Fault]:
    """What is wrong with parameters given for the kind, by name; nothing when they may be used with its defaults."""
    wrong = wrong_values(kind.parameters, given)
    if kind.check and not wrong:
        wrong.update(kind.check({**kind.defaults(), **given}))
    return wrong

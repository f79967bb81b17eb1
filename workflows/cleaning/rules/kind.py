"""What a kind of rule is: parameters, and a pure function from columns of facts to scores and to what is caught.

A rule looks at many rows at once. A row is an item or, where `rows` says so, one object of an item's current labels, one label, or one quota. A column
is an array with one value per row; what a kind asks for by name is loaded for it (the names: `COLUMNS` in `columns.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[Any]]
Parameters = Mapping[str, Any]

ITEM, OBJECT, LABEL, QUOTA = "item", "object", "label", "quota"
BELOW, ABOVE = "below", "above"
SEVERITIES = ("info", "warning", "error")
ACTIONS = ("flag", "quarantine", "queue")
ABOUT = ("picture", "text", "object", "set", "prediction")
TYPES = ("number", "whole", "flag", "text", "choice", "query", "pattern", "names")


@dataclass(frozen=True)
class Parameter:
    """One value that a rule of the kind is given. `type` is one of `TYPES`; `names` is a list of texts, `query` and `pattern` are
    checked by those who know them. `least` and `most` bound numbers, both allowed. A default of None has to be given."""

    name: str
    type: str
    default: Any = None
    least: float | None = None
    most: float | None = None
    options: tuple[str, ...] = ()


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
    parameter that is the threshold of the scores, if one is, and `side` on which of it rows are caught. `source`: where algorithm and default
    come from. `check` says of parameters that are each fine what is wrong with them together, by name.
    """

    name: str
    about: str
    judge: Judge
    columns: Sequence[str] | Callable[[Parameters], Sequence[str]]
    source: str
    parameters: tuple[Parameter, ...] = ()
    line: str = ""
    side: str = ""
    rows: str = ITEM
    severity: str = "warning"
    action: str = "flag"
    check: Callable[[Parameters], Mapping[str, str]] | None = None

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


def wrong_parameters(kind: Kind, given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with parameters given for the kind, by name; nothing when they may be used with its defaults."""
    known = {parameter.name: parameter for parameter in kind.parameters}
    wrong = {name: f"no such parameter; there are {', '.join(known) or 'none'}" for name in given if name not in known}
    for name, parameter in known.items():
        why = _wrong(parameter, given.get(name, parameter.default))
        if why:
            wrong[name] = why
    if kind.check and not wrong:
        wrong.update(kind.check({**kind.defaults(), **given}))
    return wrong


def _wrong(parameter: Parameter, value: Any) -> str:
    if value is None:
        return "required"
    if parameter.type == "flag":
        return "" if isinstance(value, bool) else "true or false"
    if parameter.type in ("number", "whole"):
        return _wrong_number(parameter, value)
    if parameter.type == "names":
        fine = isinstance(value, list) and all(isinstance(one, str) and 0 < len(one) <= 200 for one in value) and len(value) <= 200
        return "" if fine else "a list of at most 200 texts"
    if not isinstance(value, str) or len(value) > 2000:
        return "a text of at most 2000 characters"
    if parameter.type == "choice" and value not in parameter.options:
        return f"one of {', '.join(parameter.options)}"
    return "" if value.strip() or parameter.default == "" else "required"


def _wrong_number(parameter: Parameter, value: Any) -> str:
    sort = (int,) if parameter.type == "whole" else (int, float)
    if isinstance(value, bool) or not isinstance(value, sort) or not math.isfinite(value):
        return "a whole number" if parameter.type == "whole" else "a number"
    low, high = parameter.least, parameter.most
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = [f"at least {low:g}" if low is not None else "", f"at most {high:g}" if high is not None else ""]
        return " and ".join(filter(None, bounds))
    return ""

"""What a rule is told: the parameters of its kind, and whether values given for them may stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.cleaning.rules.fault import Fault

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


def wrong_values(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Fault]:
    """What is wrong with values given for a kind's parameters, by name; nothing when they may be used with its defaults."""
    known = {parameter.name: parameter for parameter in parameters}
    wrong = {name: _unknown(known) for name in given if name not in known}
    for name, parameter in known.items():
        why = _wrong(parameter, given.get(name, parameter.default))
        if why:
            wrong[name] = why
    return wrong


def _unknown(known: Iterable[str]) -> Fault:
    names = ", ".join(known)
    return Fault("no such parameter; there are %(names)s", names=names) if names else Fault("no such parameter: this kind has none")


def _wrong(parameter: Parameter, value: Any) -> Fault | None:
    if value is None:
        return Fault("required")
    if parameter.type == "flag":
        return None if isinstance(value, bool) else Fault("true or false")
    if parameter.type in ("number", "whole"):
        return _wrong_number(parameter, value)
    if parameter.type == "names":
        fine = isinstance(value, list) and all(isinstance(one, str) and 0 < len(one) <= 200 for one in value) and len(value) <= 200
        return None if fine else Fault("a list of at most 200 texts")
    if not isinstance(value, str) or len(value) > 2000:
        return Fault("a text of at most 2000 characters")
    if parameter.type == "choice" and value not in parameter.options:
        return Fault("one of %(names)s", names=", ".join(parameter.options))
    return None if value.strip() or parameter.default == "" else Fault("required")


def _wrong_number(parameter: Parameter, value: Any) -> Fault | None:
    sort = (int,) if parameter.type == "whole" else (int, float)
    if isinstance(value, bool) or not isinstance(value, sort) or not math.isfinite(value):
        return Fault("a whole number") if parameter.type == "whole" else Fault("a number")
    low, high = parameter.least, parameter.most
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    if low is None or high is None:
        return Fault("at least %(low)s", low=f"{low:g}") if high is None else Fault("at most %(high)s", high=f"{high:g}")
    return Fault("at least %(low)s and at most %(high)s", low=f"{low:g}", high=f"{high:g}")

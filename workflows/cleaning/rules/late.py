"""Items of another time than was planned: captured, or arrived, before the first or after the last day. Which day it is, UTC says."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

import numpy as np

from workflows.cleaning.rules.fault import Fault
from workflows.cleaning.rules.kind import Columns, Kind, Parameter, Parameters, Verdict

DAY = 86400.0
_TICK = 1e-6


def moment(text: str, *, end: bool = False) -> float:
    """Seconds since 1970 of a date or a time in ISO 8601; of a date its first moment, or its last (`end`). `ValueError` for other texts."""
    text = text.strip()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        at = dt.datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp()
    first = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()
    return first + DAY - _TICK if end else first


def _window(parameters: Parameters) -> tuple[float, float]:
    since, until = parameters["since"], parameters["until"]
    return moment(since) if since.strip() else -math.inf, moment(until, end=True) if until.strip() else math.inf


def _judge(columns: Columns, parameters: Parameters) -> Verdict:
    times = columns[parameters["time"]].astype(np.float64)
    since, until = _window(parameters)
    days = np.maximum(np.maximum(since - times, times - until), 0.0) / DAY  # NaN stays NaN
    return Verdict(days, days > 0)


def _check(parameters: Parameters) -> Mapping[str, Fault]:
    wrong: dict[str, Fault] = {}
    for name in ("since", "until"):
        try:
            if parameters[name].strip():
                moment(parameters[name])
        except (ValueError, OverflowError):
            wrong[name] = Fault("a date or time such as 2026-03-31 or 2026-03-31T18:00Z")
    if not wrong and not (parameters["since"].strip() or parameters["until"].strip()):
        wrong["since"] = Fault("a date here, or in until")
    if not wrong and _window(parameters)[0] > _window(parameters)[1]:
        wrong["until"] = Fault("not before since")
    return wrong


KIND = Kind(
    name="late",
    about="set",
    columns=lambda parameters: (parameters["time"],),
    judge=_judge,
    parameters=(
        Parameter("time", "choice", "captured", options=("captured", "created")),
        Parameter("since", "text", ""),
        Parameter("until", "text", ""),
    ),
    check=_check,
    source="own",
)

"""How good reviewers judge: how alike two of them do, and whether one returns more, or less, than all the others. Pure.

Shares have Wilson's interval of 95 % (Wilson, J. Am. Stat. Assoc. 22, 1927); on fewer than `LEAST` there is no figure. Two reviewers agree
where both find work right as it is, or both do not: percent agreement, and Cohen's κ for two (Cohen, Educ. Psychol. Meas. 20, 1960).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.quality.agreement.intervals import wilson

LEAST = 10
NOT_ENOUGH = "not_enough"


@dataclass(frozen=True)
class Pair:
    """One revision judged by two: `right` says whether each found it right as it was. `unit` names it, of its kind the only one."""

    unit: int
    first: int
    second: int
    first_right: bool
    second_right: bool


@dataclass(frozen=True)
class Week:
    """Of a week (its Monday) a reviewer's share of returns against that of all others together. `parts`: the intervals have no point in
    common; +1 above the others, -1 below, 0 when they meet or either rests on too little."""

    week: dt.date
    own: dict[str, Any]
    others: dict[str, Any]
    parts: int

    def explain(self) -> dict[str, Any]:
        """As JSON."""
        return {"week": self.week.isoformat(), "returned": self.own, "others": self.others, "parts": self.parts}


def share(hits: float, of: int, least: int = LEAST) -> dict[str, Any]:
    """{value, low, high, of, why}: hits ÷ of with Wilson's interval; null with why `not_enough` below `least`. ValueError unless 0 ≤ hits ≤ of."""
    between = wilson(hits, of)
    if between is None or of < least:
        return {"value": None, "low": None, "high": None, "of": of, "why": NOT_ENOUGH}
    return {"value": hits / of, "low": between[0], "high": between[1], "of": of, "why": ""}


def monday(day: dt.date) -> dt.date:
    """The first day of its week, as ISO 8601 counts."""
    return day - dt.timedelta(days=day.weekday())


def drift(counts: Mapping[tuple[int, dt.date], tuple[int, int]], *, least: int = LEAST) -> dict[int, list[Week]]:
    """reviewer → their weeks, the earliest first, from (reviewer, Monday of the week) → (returned, judged).

    A week parts from the others when the two Wilson intervals have no point in common. That asks for more than a test at 5 %: of two
    alike it happens in about 0.6 % of weeks (Schenker and Gentleman, Am. Stat. 55, 2001), so that many weeks seldom cry wolf.
    """
    whole: dict[dt.date, list[int]] = defaultdict(lambda: [0, 0])
    for (_reviewer, week), (returned, judged) in counts.items():
        whole[week][0] += returned
        whole[week][1] += judged
    found: dict[int, list[Week]] = defaultdict(list)
    for (reviewer, week), (returned, judged) in sorted(counts.items()):
        own = share(returned, judged, least)
        others = share(whole[week][0] - returned, whole[week][1] - judged, least)
        found[reviewer].append(Week(week, own, others, _parts(own, others)))
    return dict(found)


def _parts(own: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    if own["value"] is None or others["value"] is None:
        return 0
    return 1 if own["low"] > others["high"] else -1 if own["high"] < others["low"] else 0


def flagged(weeks: Iterable[Week]) -> bool:
    """Whether the newest week that says anything parts from the others: what was long ago is history."""
    telling = [week for week in weeks if week.own["value"] is not None and week.others["value"] is not None]
    return bool(telling) and max(telling, key=lambda week: week.week).parts != 0


def agreement(pairs: Iterable[Pair], *, least: int = LEAST) -> dict[int, dict[str, Any]]:
    """reviewer → the share of revisions on which they and whoever else judged them agree, as `share`; a pair counts for both."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for pair in pairs:
        for reviewer in (pair.first, pair.second):
            counts[reviewer][0] += pair.first_right == pair.second_right
            counts[reviewer][1] += 1
    return {reviewer: share(alike, of, least) for reviewer, (alike, of) in counts.items()}


def between(pairs: Iterable[Pair], *, least: int = LEAST) -> dict[tuple[int, int], dict[str, Any]]:
    """(reviewer, reviewer), the smaller first → their share of agreement as `share`, with `kappa`: Cohen's, null below `least` and where
    both say the same one thing throughout."""
    of: dict[tuple[int, int], list[tuple[int, bool, bool]]] = defaultdict(list)
    for pair in pairs:
        if pair.first < pair.second:
            of[pair.first, pair.second].append((pair.unit, pair.first_right, pair.second_right))
        else:
            of[pair.second, pair.first].append((pair.unit, pair.second_right, pair.first_right))
    return {two: share(sum(one == other for _unit, one, other in rows), len(rows), least) | {"kappa": _kappa(rows, least)} for two, rows in sorted(of.items())}


def _kappa(rows: list[tuple[int, bool, bool]], least: int) -> float | None:
    from workflows.quality.agreement.pairs import kappa

    if len(rows) < least:
        return None
    triples = [(rater, unit, value) for unit, one, other in rows for rater, value in ((0, one), (1, other))]
    return kappa(triples, resamples=0).value

"""Agreement of parts: each label, pair of people, attribute, batch or period by itself. Pure numpy.

`measure` is any of this package that takes Ratings, such as `krippendorff.alpha` or `functools.partial(alpha, metric="ordinal")`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from workflows.quality.agreement import krippendorff, pairs
from workflows.quality.agreement.measured import Measured
from workflows.quality.agreement.tables import Given, Places, Ratings, Triple, read, triples

Measure = Callable[[Ratings], Measured]
Keyed = tuple[Hashable, Hashable, Any, Hashable]  # (rater, unit, value, key)
Dated = tuple[Hashable, Hashable, Any, datetime.date]  # (rater, unit, value, when)
STEPS = ("day", "week", "month", "quarter", "year")


def by_label(ratings: Given, measure: Measure = krippendorff.alpha, *, categories: Sequence[Any] | None = None) -> dict[Hashable, Measured]:
    """{label: agreement on whether it is that one or any other}; of sets of options, on whether it is among them.

    Ratings as a table or triples. Errors: ValueError as `tables.read`.
    """
    table = read(ratings, categories)
    names: dict[Hashable, None] = {}
    for name in table.categories:
        names.update(dict.fromkeys(sorted(name, key=repr) if isinstance(name, frozenset) else (name,)))
    found = {}
    for name in names:
        one = np.array([name in other if isinstance(other, frozenset) else _same(name, other) for other in table.categories], dtype=np.intp)
        found[name] = measure(replace(table, categories=(False, True), code=one[table.code], ordered=True))
    return found


def _same(one: Hashable, other: Hashable) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def by_pair(ratings: Given, measure: Measure = pairs.kappa, *, least: int = 1) -> dict[tuple[Hashable, Hashable], Measured]:
    """{(person, person): their agreement} of every two who answered `least` units both, in the order of the table.

    Ratings as a table or triples. Errors: ValueError as `tables.read`.
    """
    table = read(ratings)
    order = np.argsort(table.rater, kind="stable")
    ends = np.searchsorted(table.rater[order], np.arange(len(table.raters) + 1))
    at = np.full(len(table.units), -1, dtype=np.intp)
    sides = [order[start:end] for start, end in pairwise(ends)]
    found = {}
    for one, mine in enumerate(sides):
        at[:] = -1
        at[table.unit[mine]] = table.code[mine]
        for other in range(one + 1, len(sides)):
            theirs = sides[other]
            both = theirs[at[table.unit[theirs]] >= 0]
            if len(both) >= max(least, 1):
                found[table.raters[one], table.raters[other]] = measure(_two(table, one, other, table.unit[both], at[table.unit[both]], table.code[both]))
    return found


def _two(table: Ratings, one: int, other: int, unit: Places, mine: Places, theirs: Places) -> Ratings:
    units, place = np.unique(unit, return_inverse=True)
    return replace(
        table,
        units=tuple(table.units[number] for number in units.tolist()),
        raters=(table.raters[one], table.raters[other]),
        unit=np.r_[place, place],
        rater=np.repeat(np.arange(2), len(unit)),
        code=np.r_[mine, theirs],
    )


def by_key(rows: Iterable[Keyed], measure: Measure = krippendorff.alpha) -> dict[Hashable, Measured]:
    """{key: agreement} of (rater, unit, value, key) rows, each key by itself: a batch, an attribute's name, a kind of object.

    Keys in the order in which they are met. Errors: ValueError that names the row which is no such four, or whose key is None.
    """
    parts: dict[Hashable, list[Triple]] = {}
    for place, row in enumerate(rows):
        if not isinstance(row, (tuple, list)) or len(row) != 4 or row[3] is None:
            raise ValueError(f"row {place}: {row!r} is not (rater, unit, value, key)")
        parts.setdefault(row[3], []).append((row[0], row[1], row[2]))
    return {key: measure(triples(part)) for key, part in parts.items()}


def by_period(rows: Iterable[Dated], step: str = "week", measure: Measure = krippendorff.alpha) -> dict[str, Measured]:
    """{period: agreement} of (rater, unit, value, when) rows, in the order of time; see `period` for the names.

    A unit belongs to the period of its last answer, so that answers which came days apart are still compared. `when` is a date or
    a datetime. Errors: ValueError for another step, or naming the row that is no such four.
    """
    kept = []
    last: dict[Hashable, datetime.date] = {}
    for place, row in enumerate(rows):
        if not isinstance(row, (tuple, list)) or len(row) != 4 or not isinstance(row[3], datetime.date):
            raise ValueError(f"row {place}: {row!r} is not (rater, unit, value, when)")
        kept.append(row)
        last[row[1]] = max(last.get(row[1], row[3]), row[3])
    named = {unit: period(when, step) for unit, when in last.items()}
    found = by_key(((rater, unit, value, named[unit]) for rater, unit, value, _when in kept), measure)
    return {str(name): found[name] for name in sorted(found, key=str)}


def period(when: datetime.date, step: str = "week") -> str:
    """"2026-03-14" (day), "2026-W11" (week of ISO 8601), "2026-03" (month), "2026-Q1" (quarter), "2026" (year): they sort by time.

    Errors: ValueError for another step.
    """
    if step == "day":
        return f"{when:%Y-%m-%d}"
    if step == "week":
        year, week, _day = when.isocalendar()
        return f"{year:04}-W{week:02}"
    if step == "month":
        return f"{when:%Y-%m}"
    if step == "quarter":
        return f"{when.year:04}-Q{(when.month + 2) // 3}"
    if step == "year":
        return f"{when.year:04}"
    raise ValueError(f"step {step!r}: {', '.join(STEPS)}")

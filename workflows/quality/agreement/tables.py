"""Ratings in: a units × raters table with None for what is missing, or triples (rater, unit, value). Pure numpy.

A table is a sequence of lists, or an array; triples are tuples of three. `table` and `triples` say it outright, and what
they give is taken by every measure. NaN is missing too. A list or a set of options is one answer, in whatever order.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]
Floats = NDArray[np.float64]
Numbers = Sequence[int] | Places
Triple = tuple[Hashable, Hashable, Any]
Given = Any  # Ratings, a table, or triples


@dataclass(frozen=True, eq=False)
class Ratings:
    """n answers: `unit`, `rater` and `code` (shape (n,)) are places in `units`, `raters` and `categories`.

    `ordered` tells that the order of the categories means something: they are numbers, or somebody said so.
    """

    units: tuple[Hashable, ...]
    raters: tuple[Hashable, ...]
    categories: tuple[Hashable, ...]
    unit: Places
    rater: Places
    code: Places
    ordered: bool

    def __iter__(self) -> Iterator[Triple]:
        """The same as triples (rater, unit, value)."""
        for rater, unit, code in zip(self.rater.tolist(), self.unit.tolist(), self.code.tolist(), strict=True):
            yield self.raters[rater], self.units[unit], self.categories[code]

    def numbers(self) -> Floats:
        """What the categories are worth; ValueError for one that is no number."""
        for category in self.categories:
            if not _is_number(category):
                raise ValueError(f"{_where(self, category)}: {category!r} is no number, and this metric measures numbers")
        return np.array(self.categories, dtype=np.float64)

    def in_order(self) -> None:
        """ValueError where the order of the categories is by name only."""
        if not self.ordered:
            raise ValueError(f"the categories {_named(self.categories)} have no order of their own: give `categories` from least to most")


def read(ratings: Given, categories: Sequence[Any] | None = None) -> Ratings:
    """Whatever the caller has. `categories` names all there can be, in their order; without it they are those that occur,
    in the order of numbers or of names.

    Errors: ValueError that names the unit and the rater whose rating has not this shape, is given twice, is no plain value,
    or is not among `categories`.
    """
    if isinstance(ratings, Ratings):
        found = ratings
    elif isinstance(ratings, np.ndarray):
        found = table(ratings)
    else:
        rows = list(ratings)
        found = triples(rows) if rows and all(isinstance(row, tuple) and len(row) == 3 for row in rows) else table(rows)
    return found if categories is None else _among(found, categories)


def table(rows: Sequence[Sequence[Any]] | NDArray[Any]) -> Ratings:
    """Units × raters; both are named by their number from 0 on."""
    if isinstance(rows, np.ndarray):
        if rows.ndim != 2:
            raise ValueError(f"ratings have {rows.ndim} dimensions: give a table of units × raters")
        rows = rows.tolist()
    wide = -1
    for unit, row in enumerate(rows):
        if not isinstance(row, (list, tuple, np.ndarray)):
            raise ValueError(f"unit {unit}: a row of ratings is a list, not {type(row).__name__}")
        if wide < 0:
            wide = len(row)
        elif len(row) != wide:
            raise ValueError(f"unit {unit}: {len(row)} ratings where unit 0 has {wide}; write None for those that are missing")
    high, wide = len(rows), max(wide, 0)
    return numbered(
        tuple(range(high)), tuple(range(wide)), np.repeat(np.arange(high), wide), np.tile(np.arange(wide), high), [value for row in rows for value in row]
    )


def triples(rows: Iterable[Triple]) -> Ratings:
    """(rater, unit, value) each; raters and units in the order in which they are met."""
    units: dict[Hashable, int] = {}
    raters: dict[Hashable, int] = {}
    unit, rater, values = [], [], []
    for place, row in enumerate(rows):
        if not isinstance(row, (tuple, list)) or len(row) != 3:
            raise ValueError(f"row {place}: {row!r} is not (rater, unit, value)")
        for name, said in zip(("rater", "unit"), row, strict=False):
            if said is None or not _hashable(said):
                raise ValueError(f"row {place}: {said!r} names no {name}")
        unit.append(units.setdefault(row[1], len(units)))
        rater.append(raters.setdefault(row[0], len(raters)))
        values.append(row[2])
    return numbered(tuple(units), tuple(raters), unit, rater, values)


def numbered(units: tuple[Hashable, ...], raters: tuple[Hashable, ...], unit: Numbers, rater: Numbers, values: Sequence[Any]) -> Ratings:
    """`values` of which it is known already whose place in `raters` and of what place in `units` they are; as many of each."""
    known: dict[tuple[bool, Hashable], int] = {}
    quick: dict[tuple[type, Any], int] = {}  # most values have been seen before
    found: list[int] = []
    for value in values:
        try:
            code = quick[type(value), value]
        except (KeyError, TypeError):
            plain = _plain(value, raters[rater[len(found)]], units[unit[len(found)]])
            code = -1 if plain is None else known.setdefault((isinstance(plain, bool), plain), len(known))
            if isinstance(value, (str, int, bool)):
                quick[type(value), value] = code
        found.append(code)
    given = np.array(found, dtype=np.intp)
    unit_of, rater_of, codes = (np.asarray(part, dtype=np.intp)[given >= 0] for part in (unit, rater, given))
    _once(unit_of * max(len(raters), 1) + rater_of, units, raters)
    met = [value for _kind, value in known]
    order = sorted(range(len(met)), key=lambda place: _rank(met[place]))
    become = np.empty(len(met), dtype=np.intp)
    become[order] = np.arange(len(met))
    ordered = all(_is_number(value) for value in met)
    return Ratings(units, raters, tuple(met[place] for place in order), unit_of, rater_of, become[codes], ordered)


def _once(pairs: Places, units: Sequence[Hashable], raters: Sequence[Hashable]) -> None:
    if len(pairs):
        sorted_ = np.sort(pairs)
        twice = np.flatnonzero(sorted_[1:] == sorted_[:-1])
        if len(twice):
            unit, rater = divmod(int(sorted_[twice[0]]), len(raters))
            raise ValueError(
                f"unit {units[unit]!r}: rater {raters[rater]!r} is there twice; keep one answer (and write the rows of a table of three raters as lists, not tuples)"
            )


def _plain(value: Any, rater: Hashable, unit: Hashable) -> Hashable | None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (list, set, frozenset)):
        value = list(value)
        if all(one is not None and _hashable(one) for one in value):
            return frozenset(value)
    elif _hashable(value) and not (isinstance(value, float) and math.isinf(value)):
        return value
    raise ValueError(f"unit {unit!r}, rater {rater!r}: {value!r} is no rating; give a text, a finite number, true or false, or a list of options")


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _rank(value: Any) -> tuple[Any, ...]:
    if isinstance(value, bool) or not _is_number(value):
        return 1, type(value).__name__, repr(sorted(map(repr, value))) if isinstance(value, frozenset) else str(value), repr(value) if isinstance(value, tuple) else ""
    return 0, value


def _among(found: Ratings, categories: Sequence[Any]) -> Ratings:
    names = [_plain(category, "", "") for category in categories]
    places = {(isinstance(name, bool), name): place for place, name in enumerate(names)}
    if len(places) < len(names):
        raise ValueError(f"categories {_named(categories)} name one twice")
    if len(found.categories) == len(names) and tuple(names) == found.categories and found.ordered:
        return found
    become = np.zeros(len(found.categories), dtype=np.intp)
    for code in np.unique(found.code).tolist():
        name = found.categories[code]
        place = places.get((isinstance(name, bool), name))
        if place is None:
            raise ValueError(f"{_where(found, name)}: {name!r} is not among the categories {_named(categories)}")
        become[code] = place
    return replace(found, categories=tuple(names), code=become[found.code], ordered=True)


def _where(found: Ratings, category: Hashable) -> str:
    places = np.flatnonzero(found.code == found.categories.index(category))
    return f"unit {found.units[found.unit[places[0]]]!r}, rater {found.raters[found.rater[places[0]]]!r}" if len(places) else "categories"


def _named(names: Sequence[Any]) -> str:
    return ", ".join(map(repr, names[:8])) + (", …" if len(names) > 8 else "")

"""How much the people of a project agree, by label, attribute, pair of people, batch or time: answers of overlapped items under one measure.

Answers compared are: the named answers about an item, and the label of each thing that somebody drew, where not to have drawn it is an
answer too. Intervals are of a bootstrap over items: those are drawn again with all that is compared in them, for the things of a picture
are seen by the same eyes in the same light (Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapter 8).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from annotate.annotations.schemas import parsed
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.quality import parts

if TYPE_CHECKING:
    from workflows.quality.agreement.measured import Measured
    from workflows.quality.agreement.tables import Places, Ratings
    from workflows.quality.columns import Columns

MEASURES = ("percent", "kappa", "fleiss", "alpha", "ac1")
PERIODS = ("day", "week", "month")
BY = ("label", "attribute", "person", "batch", *PERIODS)
AT_ONCE = 1000  # overlapped items that a request measures itself; more are a job's
LEAST = 10  # things compared below which no figure is shown
Group = tuple[dict[str, Any], Any, Any]  # what a row is about; which answers it is about, and which are compared


def figure(found: Measured | None, *, items: int, why: str = "") -> dict[str, Any]:
    """As JSON. `value` is null where there is none, or too little behind it, and `why` says so: never 1."""
    if found is None:
        return {"value": None, "low": None, "high": None, "items": items, "units": 0, "answers": 0, "why": why}
    told = {"items": items, "units": found.units, "answers": found.ratings}
    if found.value is None or found.units < LEAST:
        return {"value": None, "low": None, "high": None, **told, "why": found.why if found.value is None else "not_enough"}
    return {"value": found.value, "low": found.low, "high": found.high, **told, "why": found.why}


def measure(project: Project, name: str, by: str, *, batch: int | None = None) -> list[dict[str, Any]]:
    """Rows {about…, value, low, high, items, units, answers, why}, one for each label, attribute, pair, batch or period, from what
    `parts.refresh` has matched."""
    from workflows.quality.columns import columns

    found = columns(parts.kept_parts(project, batch), attributes=by == "attribute")
    if by == "person":
        return list(_pairs(found, name))
    rows = []
    for about, some, compared in _groups(project, found, by, name):
        ratings = _as_label(found, compared, about["label"]) if by == "label" else found.some(compared)
        rows.append({**about, **_row(found, name, ratings, some)})
    return rows


def of(project: Project, *, measure: str = "alpha", label: str | None = None, batch: int | None = None) -> dict[str, Any]:
    """One figure, {value, low, high, items, units, answers, why}: of everything, or of one label against all others; what changed is
    matched first."""
    parts.refresh(project)
    return of_parts(parts.kept_parts(project, batch), measure=measure, label=label)


def of_parts(some_parts: Iterable[tuple[int, int, int, list[Any]]], *, measure: str = "alpha", label: str | None = None) -> dict[str, Any]:
    """The same of what `parts` has of some items."""
    from workflows.quality.columns import columns

    found = columns(some_parts)
    every = found.about >= -1
    if label is None:
        return _row(found, measure, found.some(every), every)
    some, compared = _of_label(found, label, measure)
    return _row(found, measure, _as_label(found, compared, label), some)


def _row(found: Columns, name: str, ratings: Ratings, some: Any) -> dict[str, Any]:
    made = _measured(name, ratings, found.block) if some.any() else None
    return figure(made, items=found.items_with_others(some), why="no_pairs")


def _measured(name: str, ratings: Ratings, block: Places) -> Measured:
    from workflows.quality.agreement.krippendorff import alpha
    from workflows.quality.agreement.many import ac1, fleiss
    from workflows.quality.agreement.measured import Measured
    from workflows.quality.agreement.pairs import kappa, percent

    measures: dict[str, Any] = {"percent": percent, "kappa": kappa, "fleiss": fleiss, "alpha": alpha, "ac1": ac1}
    nothing = partial(Measured, None, None, None, len(set(ratings.unit.tolist())), len(ratings.unit))
    if name == "kappa" and len(ratings.raters) > 2:
        return nothing("more_than_two_people")
    try:
        made: Measured = measures[name](ratings, block=block)
    except ValueError:  # people answered differently often
        if name != "fleiss":
            raise
        return nothing("uneven_answers")
    return made


def _groups(project: Project, found: Columns, by: str, name: str) -> Iterator[Group]:
    if by == "label":
        schema = parsed(current_schema(project.pk).pk).document
        for label in (one["name"] for one in schema.get("labels") or ()):
            yield {"label": label}, *_of_label(found, label, name)
    elif by == "attribute":
        for about in sorted(found.abouts):
            some = found.about == found.abouts.index(about)
            yield {"label": about[0] if len(about) > 1 else None, "attribute": about[-1]}, some, some
    elif by == "batch":
        names = dict(project.batches.filter(pk__in=set(found.batches.tolist())).values_list("pk", "name"))
        for batch in sorted(names):
            some = found.batches[found.item] == batch
            yield {"batch": batch, "name": names[batch]}, some, some
    else:
        yield from _periods(found, by)


def _of_label(found: Columns, label: str, name: str) -> tuple[Any, Any]:
    """(answers to things that somebody gave the label, what is compared)."""
    some = found.drawn & found.units_with(found.drawn & found.is_(label))
    # A thing that nobody gave the label is no evidence about it but for telling it from others; in percent not even that.
    return some, some if name == "percent" else found.drawn


def _as_label(found: Columns, compared: Any, label: str) -> Ratings:
    whole = found.some(compared)
    said = found.is_(label)[compared]
    values = (True,) if said.all() else (False, True) if said.any() else (False,)
    return replace(whole, categories=values, code=said.astype("intp") if len(values) > 1 else 0 * whole.code)


def _periods(found: Columns, step: str) -> Iterator[Group]:
    """An item is of the time of its last answer."""
    from workflows.quality.agreement.breakdown import period

    days = {day: period(dt.datetime.fromtimestamp(day * 86400, dt.UTC).date(), step) for day in set((found.at // 86400).tolist())}
    names = [days[day] for day in (found.at // 86400).tolist()]
    for name in sorted(set(names)):
        chosen = _flags(names, name)
        yield {"period": name}, chosen[found.item], chosen[found.item]


def _flags(names: list[str], wanted: str) -> Any:
    import numpy as np

    return np.fromiter((name == wanted for name in names), dtype=bool, count=len(names))


def _pairs(found: Columns, name: str) -> Iterator[dict[str, Any]]:
    """Of every two who answered the same things."""
    from workflows.quality.agreement.breakdown import by_pair
    from workflows.quality.columns import occurring

    block = found.block
    of_unit: Callable[[int], int] = block.tolist().__getitem__

    def both(ratings: Ratings) -> Any:
        return _measured(name, occurring(ratings), of_unit), len({of_unit(int(str(unit))) for unit in ratings.units})  # type: ignore[arg-type]

    made: dict[Any, Any] = by_pair(found.ratings, both)
    names = dict(Person.objects.filter(pk__in={person for pair in made for person in pair}).values_list("pk", "name"))
    for pair in sorted(made, key=sorted):
        measured, items = made[pair]
        yield {"people": [{"id": person, "name": names.get(person)} for person in sorted(pair)], **figure(measured, items=items, why="no_pairs")}

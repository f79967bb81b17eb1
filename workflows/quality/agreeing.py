"""How much the people of a project agree, by label, attribute, pair of people or batch: answers of overlapped items under one measure.

Answers compared are: the named answers about an item, and the label of each thing that somebody drew, where not to have drawn it is an
answer too. Items stand for themselves and are not drawn apart: an interval is over what is compared, and a thing is one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotate.annotations.schemas import parsed
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.quality.overlapped import Overlapped, documents, items_of, look

if TYPE_CHECKING:
    from workflows.quality.agreement.measured import Measured

MEASURES = ("percent", "kappa", "fleiss", "alpha", "ac1")
BY = ("label", "attribute", "person", "batch")
AT_ONCE = 1000  # overlapped items that a request measures itself; more are a job's
LEAST = 10  # things compared below which no figure is shown
CHUNK = 500


@dataclass(frozen=True)
class Rated:
    """One answer: what of it is compared (`unit`, of `item`), and what it is about: a name, or (label, name) of an attribute."""

    person: int
    unit: Hashable
    value: Any
    item: int
    batch: int
    attribute: tuple[str, ...] | None


def figure(found: Measured | None, *, items: int, why: str = "") -> dict[str, Any]:
    """As JSON. `value` is null where there is none, or too little behind it, and `why` says so: never 1."""
    if found is None:
        return {"value": None, "low": None, "high": None, "items": items, "units": 0, "answers": 0, "why": why}
    told = {"items": items, "units": found.units, "answers": found.ratings}
    if found.value is None or found.units < LEAST:
        return {"value": None, "low": None, "high": None, **told, "why": found.why if found.value is None else "not_enough"}
    return {"value": found.value, "low": found.low, "high": found.high, **told, "why": found.why}


def overlapped(project: Project, batch: int | None = None) -> list[Overlapped]:
    """Items with two answers or more, whatever became of them since."""
    return [one for one in look(items_of(project.pk)) if len(one.answers) > 1 and batch in (None, one.batch)]


def measure(project: Project, found: Sequence[Overlapped], name: str, by: str) -> list[dict[str, Any]]:
    """Rows {about…, value, low, high, items, units, answers, why}, one for each label, attribute, pair or batch."""
    rated = list(_rated(project, found, things=by != "attribute", attributes=by == "attribute"))
    rows = []
    for about, some, compared in _groups(project, rated, by):
        if name == "percent" and by == "label":  # that most things are something else is no agreement about this label
            units = {one.unit for one in some}
            compared = [row for row in compared if row[1] in units]
        with_others = _with_others(some)
        items = len({one.item for one in some if one.unit in with_others})
        rows.append({**about, **figure(_measured(name, compared) if compared else None, items=items, why="no_pairs")})
    return rows


def _measured(name: str, answers: list[tuple[Any, Any, Any]]) -> Measured:
    from workflows.quality.agreement.krippendorff import alpha
    from workflows.quality.agreement.many import ac1, fleiss
    from workflows.quality.agreement.measured import Measured
    from workflows.quality.agreement.pairs import kappa, percent

    measures: dict[str, Any] = {"percent": percent, "kappa": kappa, "fleiss": fleiss, "alpha": alpha, "ac1": ac1}
    people = len({person for person, _unit, _value in answers})
    if name == "kappa" and people > 2:
        return Measured(None, None, None, len({unit for _person, unit, _value in answers}), len(answers), "more_than_two_people")
    try:
        made: Measured = measures[name](answers)
    except ValueError:  # people answered differently often
        if name != "fleiss":
            raise
        return Measured(None, None, None, len({unit for _person, unit, _value in answers}), len(answers), "uneven_answers")
    return made


def _rated(project: Project, found: Sequence[Overlapped], *, things: bool, attributes: bool) -> Iterator[Rated]:
    from workflows.quality.agreement import boxes
    from workflows.quality.matching.values import unsaid

    schema = parsed(current_schema(project.pk).pk)
    meant = unsaid(schema.document.get("item"))
    named = [one["name"] for one in schema.document.get("item") or () if one["type"] in ("choice", "bool")]
    for start in range(0, len(found), CHUNK):
        some = found[start : start + CHUNK]
        said, batches = documents(some, schema, project.pk), {one.item: one.batch for one in some}
        for item, answers in said.items():
            for person, document in answers.items():
                for name in named:
                    value = (document.get("item") or {}).get(name, meant.get(name))
                    if value is not None:
                        yield Rated(person, (item, name), value, item, batches[item], (name,))
        drawn: Any = ((item, {person: document.get("objects") or [] for person, document in answers.items()}) for item, answers in said.items())
        pictures: Any = {one.item: one.width * one.height for one in some if one.width * one.height}
        seen = list(boxes.units(drawn, schema.document, pictures=pictures))
        where: dict[Any, Any] = {unit.key: unit.item for unit in seen}
        if things:
            for rater, key, label in boxes.labels(seen, nothing=True):
                yield Rated(int(str(rater)), key, label or "", where[key], batches[where[key]], None)
        if attributes:
            for row in boxes.attributes(seen, schema.document):
                who, key, value, about = row
                name_of: Any = about
                yield Rated(int(str(who)), (key, about), tuple(value) if isinstance(value, list) else value, where[key], batches[where[key]], tuple(name_of))


def _groups(project: Project, rated: Sequence[Rated], by: str) -> Iterator[tuple[dict[str, Any], list[Rated], list[tuple[Any, Any, Any]]]]:
    """(what a row is about, its answers, the same as they are compared)."""
    if by == "label":
        schema = parsed(current_schema(project.pk).pk).document
        drawn = [one for one in rated if one.attribute is None]
        by_unit: dict[Hashable, set[Any]] = {}
        for one in drawn:
            by_unit.setdefault(one.unit, set()).add(one.value)
        for label in (one["name"] for one in schema.get("labels") or ()):
            some = [one for one in drawn if label in by_unit[one.unit]]
            # A thing that nobody gave the label is no evidence about it but for telling it from others.
            yield {"label": label}, some, [(one.person, one.unit, one.value == label) for one in drawn] if some else []
    elif by == "attribute":
        for about in sorted({one.attribute for one in rated if one.attribute}):
            some = [one for one in rated if one.attribute == about]
            yield {"label": about[0] if len(about) > 1 else None, "attribute": about[-1]}, some, _triples(some)
    elif by == "batch":
        names = dict(project.batches.filter(pk__in={one.batch for one in rated}).values_list("pk", "name"))
        for batch in sorted(names):
            some = [one for one in rated if one.batch == batch]
            yield {"batch": batch, "name": names[batch]}, some, _triples(some)
    else:
        yield from _pairs(rated)


def _pairs(rated: Sequence[Rated]) -> Iterator[tuple[dict[str, Any], list[Rated], list[tuple[Any, Any, Any]]]]:
    by_unit: dict[Hashable, list[Rated]] = {}
    for one in rated:
        by_unit.setdefault(one.unit, []).append(one)
    found: dict[tuple[int, int], list[Rated]] = {}
    for rows in by_unit.values():
        for at, one in enumerate(rows):
            for other in rows[at + 1 :]:
                found.setdefault((min(one.person, other.person), max(one.person, other.person)), []).extend((one, other))
    names = dict(Person.objects.filter(pk__in={person for pair in found for person in pair}).values_list("pk", "name"))
    for (one_id, other_id), some in sorted(found.items()):
        people = [{"id": person, "name": names.get(person)} for person in (one_id, other_id)]
        yield {"people": people}, some, _triples(some)


def _triples(some: Iterable[Rated]) -> list[tuple[Any, Any, Any]]:
    return [(one.person, one.unit, one.value) for one in some]


def _with_others(some: Iterable[Rated]) -> set[Hashable]:
    """Units that two or more answered."""
    once, twice = set[Hashable](), set[Hashable]()
    for one in some:
        (twice if one.unit in once else once).add(one.unit)
    return twice

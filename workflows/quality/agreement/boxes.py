"""Agreement on objects: things are matched over people first, then their labels are compared. Pure.

So a report can say both: how often people see the same thing in the same place, and whether they call it the same. The units are
things; whoever looked at the item and did not draw one has no answer to it. Boxes, polygons, masks, points, lines, skeletons and
spans alike: whatever `matching` knows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any

import numpy as np

from workflows.quality.agreement import bootstrap, krippendorff
from workflows.quality.agreement.breakdown import Keyed
from workflows.quality.agreement.intervals import LEVEL
from workflows.quality.agreement.measured import NO_PAIRS, Measured
from workflows.quality.agreement.tables import Floats, Ratings, numbered
from workflows.quality.matching.clusters import clusters
from workflows.quality.matching.many import Many
from workflows.quality.matching.match import THRESHOLD, Thing
from workflows.quality.matching.values import by_label

Answers = Mapping[Hashable, Sequence[Thing]]  # person → objects; an empty list is an answer too
UNSAID: frozenset[Any] = frozenset()
NOTHING = False  # no label is
CHUNK = 1024  # items at a time


@dataclass(frozen=True)
class Unit:
    """A thing in an item: what each of those who drew it drew, and all who looked at the item."""

    item: Hashable
    number: int
    members: Mapping[Hashable, Thing]
    people: tuple[Hashable, ...]

    @property
    def key(self) -> tuple[Hashable, int]:
        return self.item, self.number


@dataclass(frozen=True)
class Objects:
    """`place`: of the pairs of people of whom at least one saw a thing, the share who both did, 0 to 1, over items (its `units`;
    `ratings` are objects). `labels`: α on the labels of things that two or more drew. `whole`: α where not to draw a thing that
    somebody drew is an answer as well."""

    place: Measured
    labels: Measured
    whole: Measured


def units(
    items: Iterable[tuple[Hashable, Answers]],
    schema: Mapping[str, Any] | None = None,
    *,
    pictures: Mapping[Hashable, float] | None = None,
    threshold: float = THRESHOLD,
) -> Iterator[Unit]:
    """The things of (item, {person: objects}) pairs, of those items that two people or more looked at.

    `pictures`: pixels² by item, where lone points and lines need a scale. `schema`, `threshold`: see `matching.match`.
    """
    sizes = pictures or {}
    waiting = (row for row in items if len(row[1]) > 1)
    while rows := list(islice(waiting, CHUNK)):
        yield from _units(rows, schema, [sizes.get(item, 0.0) for item, _answers in rows], threshold)


def _units(rows: Sequence[tuple[Hashable, Answers]], schema: Mapping[str, Any] | None, pictures: Sequence[float], threshold: float) -> Iterator[Unit]:
    many = Many([things for _item, answers in rows for things in answers.values()])
    first = [0, *accumulate(len(answers) for _item, answers in rows)]
    found = clusters(many, first, schema, pictures=pictures, threshold=threshold)
    groups: dict[int, list[int]] = {}  # by their first objects, in order
    for node, cluster in enumerate(found.tolist()):
        groups.setdefault(cluster, []).append(node)
    whose = [person for _item, answers in rows for person, things in answers.items() for _thing in things]
    clustered = iter(groups.values())
    counts = np.diff(np.searchsorted(np.fromiter(groups, np.intp, len(groups)), many.first[first]))
    for (item, answers), count in zip(rows, counts.tolist(), strict=True):
        people = tuple(answers)
        for number, group in enumerate(islice(clustered, count)):
            yield Unit(item, number, {whose[node]: many.things[node] for node in group}, people)


def agreement(things: Iterable[Unit], *, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0) -> Objects:
    """All three figures of the things that `units` found. Without value: `no_pairs`, `one_category`.

    Source of α over matched objects: as `krippendorff.alpha`, with units made by matching. All intervals are over items, for the
    things of one picture are seen by the same eyes in the same light.
    """
    kept = list(things)
    return Objects(
        place(kept, resamples=resamples, level=level, seed=seed),
        _over_items(labels(kept), resamples=resamples, level=level, seed=seed),
        _over_items(labels(kept, nothing=True), resamples=resamples, level=level, seed=seed),
    )


def alpha(
    items: Iterable[tuple[Hashable, Answers]],
    schema: Mapping[str, Any] | None = None,
    *,
    pictures: Mapping[Hashable, float] | None = None,
    threshold: float = THRESHOLD,
    resamples: int = bootstrap.RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> Measured:
    """α on the labels of things that two people or more drew; see `units` for what goes in and `agreement` for the rest."""
    return _over_items(labels(units(items, schema, pictures=pictures, threshold=threshold)), resamples=resamples, level=level, seed=seed)


def _over_items(rows: Ratings, *, resamples: int, level: float, seed: int) -> Measured:
    return krippendorff.alpha(rows, block=lambda unit: unit[0], resamples=resamples, level=level, seed=seed)


def labels(things: Iterable[Unit], *, nothing: bool = False) -> Ratings:
    """What all who drew a thing called it; with `nothing` also False of all who looked and did not draw it. Units are (item, number)."""
    units: list[Hashable] = []
    people: dict[Hashable, int] = {}
    unit, rater, values = [], [], []
    for place, thing in enumerate(things):
        units.append(thing.key)
        for person in thing.people if nothing else thing.members:
            drawn = thing.members.get(person)
            unit.append(place)
            rater.append(people.setdefault(person, len(people)))
            values.append(NOTHING if drawn is None else drawn["label"])
    return numbered(tuple(units), tuple(people), unit, rater, values)


def attributes(things: Iterable[Unit], schema: Mapping[str, Any] | None = None) -> Iterator[Keyed]:
    """(person, thing, value, (label, attribute)) for `breakdown.by_key`: of those who gave a thing the same label, what they said.

    An attribute that only others gave has its default by the `schema`, or stands as a set of nothing.
    """
    meant = by_label(schema)
    for unit in things:
        names: dict[str, set[str]] = {}
        for thing in unit.members.values():
            names.setdefault(thing["label"], set()).update(thing.get("attributes") or {})
        for person, thing in unit.members.items():
            label, said = thing["label"], thing.get("attributes") or {}
            for name in sorted(names[label]):
                value = said.get(name, meant.get(label, {}).get(name))
                yield person, unit.key, UNSAID if value is None else value, (label, name)


def place(things: Iterable[Unit], *, resamples: int = bootstrap.RESAMPLES, level: float = LEVEL, seed: int = 0) -> Measured:
    """The share of pairs of people who both saw a thing, of those of whom one did; `Objects.place` says it in full."""
    seen: dict[Hashable, list[int]] = {}
    objects = 0
    for unit in things:
        drew, of = len(unit.members), len(unit.people)
        objects += drew
        both, either = seen.setdefault(unit.item, [0, 0])
        seen[unit.item] = [both + drew * (drew - 1), either + of * (of - 1) - (of - drew) * (of - drew - 1)]
    if not seen:
        return Measured(None, None, None, 0, 0, NO_PAIRS)
    rows, times = np.unique(np.array(list(seen.values())), axis=0, return_counts=True)
    missed, all_ = (rows[:, 1] - rows[:, 0]).astype(np.float64), rows[:, 1].astype(np.float64)

    def statistic(weights: Floats) -> tuple[Floats, Floats]:
        return weights @ missed / (weights @ all_), np.ones(len(weights))

    return bootstrap.measure(
        statistic, times, units=int(times.sum()), ratings=objects, one_category=False, resamples=resamples, level=level, seed=seed
    )

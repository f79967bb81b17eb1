"""Agreement on objects: things are matched over people first, then their labels are compared. Pure.

So a report can say both: how often people see the same thing in the same place, and whether they call it the same. The units are
things; whoever looked at the item and did not draw one has no answer to it. Boxes, polygons, masks, points, lines, skeletons and
spans alike: whatever `matching` knows.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workflows.quality.agreement import bootstrap, krippendorff
from workflows.quality.agreement.breakdown import Keyed
from workflows.quality.agreement.intervals import LEVEL
from workflows.quality.agreement.measured import NO_PAIRS, Measured
from workflows.quality.agreement.tables import Floats, Triple
from workflows.quality.matching.clusters import clusters
from workflows.quality.matching.match import THRESHOLD, Thing
from workflows.quality.matching.values import by_label

Answers = Mapping[Hashable, Sequence[Thing]]  # person → objects; an empty list is an answer too
UNSAID: frozenset[Any] = frozenset()
NOTHING = False  # no label is


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
    for item, answers in items:
        if len(answers) > 1:
            for number, cluster in enumerate(clusters(answers, schema, picture=sizes.get(item, 0.0), threshold=threshold)):
                yield Unit(item, number, {person: answers[person][place] for person, place in cluster.members.items()}, tuple(answers))


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


def _over_items(rows: Iterable[Triple], *, resamples: int, level: float, seed: int) -> Measured:
    return krippendorff.alpha(rows, block=lambda unit: unit[0], resamples=resamples, level=level, seed=seed)


def labels(things: Iterable[Unit], *, nothing: bool = False) -> Iterator[Triple]:
    """(person, thing, label) of all who drew it; with `nothing` also (person, thing, False) of all who looked and did not."""
    for unit in things:
        for person in unit.people:
            if person in unit.members:
                yield person, unit.key, unit.members[person]["label"]
            elif nothing:
                yield person, unit.key, NOTHING


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

"""The answers of many items in columns, as measures take them: made of their parts, counted in one pass. Pure.

Answers compared are the named answers about an item, and the label of each thing that somebody drew, where not to have drawn it is an
answer too; or the attributes of things, of those who gave them the same label.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.agreement.tables import Places, Ratings, numbered
from workflows.quality.truth.answers import Answers

NOTHING = ""  # the label of a thing that somebody did not draw
Part = tuple[int, int, int, Sequence[Any]]  # (item, its batch, second of the last answer, as `parts` keeps it)
About = tuple[str, ...]  # a question's name, or (label, name) of an attribute


@dataclass(frozen=True, eq=False)
class Columns:
    """`ratings` of all that is compared, in the order of items; of each answer the item (`item`, a place in `items`) and what it is
    about (`about`, a place in `abouts`; -1 for the label of a thing). `items`, their `batches` and the second `at` of their last answer
    belong together; `block` says the item of each unit."""

    ratings: Ratings
    item: Places
    about: Places
    abouts: tuple[About, ...]
    items: Places
    batches: Places
    at: Places

    @property
    def block(self) -> Places:
        made = np.zeros(len(self.ratings.units), dtype=np.intp)
        made[self.ratings.unit] = self.item
        return made

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """Which answers are labels of things."""
        return np.asarray(self.about < 0)

    def is_(self, value: Hashable) -> NDArray[np.bool_]:
        """Which answers say so."""
        codes = [place for place, name in enumerate(self.ratings.categories) if name == value and isinstance(name, bool) == isinstance(value, bool)]
        return np.asarray(np.isin(self.ratings.code, codes))

    def some(self, chosen: NDArray[np.bool_]) -> Ratings:
        """The ratings of some of the answers, of the people and with the values that occur in them."""
        whole = self.ratings
        return occurring(replace(whole, unit=whole.unit[chosen], rater=whole.rater[chosen], code=whole.code[chosen]))

    def units_with(self, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which answers are to units that some of the `chosen` are to."""
        met = np.zeros(len(self.ratings.units), dtype=bool)
        met[self.ratings.unit[chosen]] = True
        return met[self.ratings.unit]

    def items_with_others(self, chosen: NDArray[np.bool_]) -> int:
        """How many items have a unit that two or more of the `chosen` answers are to."""
        times = np.bincount(self.ratings.unit[chosen], minlength=len(self.ratings.units))
        return len(np.unique(self.item[chosen][times[self.ratings.unit[chosen]] > 1]))


def occurring(ratings: Ratings) -> Ratings:
    """Without the people and the categories that have no part in it."""
    codes, code = np.unique(ratings.code, return_inverse=True)
    raters, rater = np.unique(ratings.rater, return_inverse=True)
    return replace(
        ratings,
        raters=tuple(ratings.raters[one] for one in raters.tolist()),
        categories=tuple(ratings.categories[one] for one in codes.tolist()),
        rater=rater.astype(np.intp),
        code=code.astype(np.intp),
    )


def as_answers(ratings: Ratings) -> Answers:
    """The same as methods of truth inference read them."""
    people = sorted(range(len(ratings.raters)), key=lambda place: ratings.raters[place])  # type: ignore[arg-type, return-value]  # ids
    become = np.empty(len(people), dtype=np.intp)
    become[people] = np.arange(len(people))
    units, unit = np.unique(ratings.unit, return_inverse=True)
    worker = become[ratings.rater]
    order = np.lexsort((ratings.code, worker, unit))
    return Answers(tuple(ratings.raters[one] for one in people), tuple(units.tolist()), ratings.categories, worker[order], unit[order].astype(np.intp), ratings.code[order])


def columns(parts: Iterable[Part], *, attributes: bool = False) -> Columns:
    """Of the labels and the named answers, or of the `attributes` and the named answers."""
    people: dict[int, int] = {}
    abouts: dict[About, int] = {}
    items, batches, at = [], [], []
    labels: list[str] = []
    whose: list[int] = []
    shapes: list[tuple[int, int]] = []  # of each item: how many labels, how many people
    raters: list[int] = []  # of what is named
    values: list[Any] = []
    groups: list[tuple[int, int, int]] = []  # answers, item, what about
    for place, (item, batch, when, (said, given, questions, marked)) in enumerate(parts):
        items.append(item)
        batches.append(batch)
        at.append(when)
        crowd = [people.setdefault(person, len(people)) for person in said]
        for name, answers in questions:
            groups.append((len(answers), place, abouts.setdefault((name,), len(abouts))))
            raters += crowd
            values += answers
        if attributes:
            for _thing, label, name, places, answers in marked:
                groups.append((len(answers), place, abouts.setdefault((label, name), len(abouts))))
                raters += [crowd[one] for one in places]
                values += answers
        else:
            labels += given
            whose += crowd
            shapes.append((len(given), len(crowd)))
    named = np.array(groups, dtype=np.intp).reshape(-1, 3)
    thing, rater, of = _things(np.array(whose, dtype=np.intp), np.array(shapes, dtype=np.intp).reshape(-1, 2))
    unit = np.concatenate([np.repeat(np.arange(len(named)), named[:, 0]), thing + len(named)])
    item_of = np.concatenate([np.repeat(named[:, 1], named[:, 0]), of])
    about = np.concatenate([np.repeat(named[:, 2], named[:, 0]), np.full(len(of), -1)])
    values += labels
    there = np.fromiter((value is not None for value in values), dtype=bool, count=len(values))
    whole = np.concatenate([np.array(raters, dtype=np.intp), rater])
    ratings = numbered(tuple(range(int(unit.max(initial=-1)) + 1)), tuple(people), unit, whole, values)
    return Columns(ratings, item_of[there], about[there], tuple(abouts), *(np.array(part, dtype=np.intp) for part in (items, batches, at)))


def _things(whose: Places, shapes: Places) -> tuple[Places, Places, Places]:
    """(thing, place of the person, place of the item) of each label; an item's labels are thing by thing, each of its people in order."""
    counts, crowds = shapes[:, 0], shapes[:, 1]
    of = np.repeat(np.arange(len(shapes)), counts)
    within = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    crowd = crowds[of]
    rater = whose[(np.cumsum(crowds) - crowds)[of] + within % np.maximum(crowd, 1)]
    number = within // np.maximum(crowd, 1)
    first = np.cumsum(counts // np.maximum(crowds, 1)) - counts // np.maximum(crowds, 1)
    return first[of] + number, rater, of

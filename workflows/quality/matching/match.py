"""Which object of one annotation is which of another: by place first, then by label. Pure numpy.

Class and attributes are told apart from place, so that a report can say: right place, wrong label.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workflows.quality.matching import values
from workflows.quality.matching.areas import Floats
from workflows.quality.matching.assign import assign
from workflows.quality.matching.likeness import alike, nature
from workflows.quality.matching.relations import relations
from workflows.quality.matching.sweep import Places

Thing = dict[str, Any]
Found = tuple[int, int, float]  # place in the truth, place in the answer, likeness
THRESHOLD = 0.5  # alike enough in place to be the same thing
LABEL = 0.1  # so much likeness is the same label worth: less than that is how people's hands differ
VALUE = 1e-6  # between pairs that are equal in all that, those that score
MOST_VALUES = 1 << 16  # combinations of attributes looked at for that; beyond, equal pairs stay equal
MOST = 1 << 20  # pairs in question; beyond, rows take what they like best one after the other
_SHAPE = ("label", "attributes", "kind", "box", "rotation", "points", "holes", "rle", "start", "end")


@dataclass(frozen=True)
class Pair:
    """`truth` and `answer` are places in the two lists; `alike` says how much in place and form, 0 to 1; `attributes` for
    each that either has, whether it says the same."""

    truth: int
    answer: int
    alike: float
    same_label: bool
    attributes: Mapping[str, bool] = field(default_factory=dict)

    @property
    def differing(self) -> tuple[str, ...]:
        return tuple(name for name, same in self.attributes.items() if not same)

    @property
    def agreed(self) -> float:
        """The share of attributes that say the same, 1 without any."""
        return sum(self.attributes.values()) / len(self.attributes) if self.attributes else 1.0

    def worth(self, kind: str) -> float:
        """0 with another label, else the share of attributes that agree; of a span, times the characters it shares."""
        return self.agreed * (self.alike if kind == "span" else 1.0) if self.same_label else 0.0


@dataclass(frozen=True)
class Matching:
    """`pairs` in the same place, whatever their labels; `missing` and `extra` are places in the lists that have no other."""

    pairs: list[Pair] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)


def match(
    truth: Sequence[Thing], answer: Sequence[Thing], schema: Mapping[str, Any] | None = None, *, picture: float = 0.0, threshold: float = THRESHOLD
) -> Matching:
    """The assignment with the greatest summed likeness among pairs from `threshold` on; relations follow their ends.

    Of two objects about as near, the one with the same label is taken (`LABEL`). `picture` in pixels² is the scale of lone
    points and lines; 0 takes the smallest picture that holds all that is drawn. `schema` says what an absent attribute
    means. Ids and the order of objects are of no account.
    """
    picture, defaults = picture or drawn([*truth, *answer]), values.by_label(schema)
    mine, theirs = _ordered(truth), _ordered(answer)
    found: list[Found] = []
    for kind, of_truth in mine.items():
        if kind in theirs:
            of_answer = theirs[kind]
            pairs = _pairs([truth[place] for place in of_truth], [answer[place] for place in of_answer], defaults, picture, threshold)
            found += [(of_truth[row], of_answer[column], like) for row, column, like in pairs]
    found += relations(truth, answer, found)
    return matching(truth, answer, found, defaults)


def matching(truth: Sequence[Thing], answer: Sequence[Thing], found: Iterable[Found], defaults: Mapping[str, Mapping[str, Any]]) -> Matching:
    """What `found` pairs say, in the order of the truth. `defaults`: see `values.by_label`."""
    made = [_pair(truth[one], answer[other], one, other, like, defaults) for one, other, like in sorted(found)]
    told, given = {pair.truth for pair in made}, {pair.answer for pair in made}
    return Matching(
        made,
        [index for index in range(len(truth)) if index not in told],
        [index for index in range(len(answer)) if index not in given],
    )


def drawn(things: Sequence[Thing]) -> float:
    """Pixels² of the smallest picture, from its corner on, that holds everything that has a place; 1 without any."""
    right = below = 1.0
    for thing in things:
        if "box" in thing:
            x, y, w, h = thing["box"]
            right, below = max(right, x + w), max(below, y + h)
        elif "rle" in thing:
            right, below = max(right, thing["rle"]["size"][1]), max(below, thing["rle"]["size"][0])
        for place in thing.get("points", ()):
            right, below = max(right, place[0]), max(below, place[1])
    return float(right * below)


def _ordered(things: Sequence[Thing]) -> dict[str, list[int]]:
    """Places by nature, in an order that the objects alone decide."""
    keys = {index: json.dumps([thing.get(name) for name in _SHAPE], sort_keys=True) for index, thing in enumerate(things) if thing["kind"] != "relation"}
    found: dict[str, list[int]] = {}
    for index in sorted(keys, key=lambda place: keys[place]):
        found.setdefault(nature(things[index]), []).append(index)
    return found


def _pair(one: Thing, other: Thing, truth: int, answer: int, like: float, defaults: Mapping[str, Mapping[str, Any]]) -> Pair:
    said, given = one.get("attributes") or {}, other.get("attributes") or {}
    compared = values.compared(said, given, defaults.get(one["label"], {}), defaults.get(other["label"], {})) if said or given else {}
    return Pair(truth, answer, like, one["label"] == other["label"], compared)


def _pairs(
    mine: Sequence[Thing], theirs: Sequence[Thing], defaults: Mapping[str, Mapping[str, Any]], picture: float, threshold: float
) -> list[Found]:
    """The pairs of objects of one nature."""
    names = {name: code for code, name in enumerate({thing["label"]: None for thing in (*mine, *theirs)})}
    labels = [np.array([names[thing["label"]] for thing in side]) for side in (mine, theirs)]
    parts: list[tuple[Places, Places, Floats]] = []
    count = 0
    for part in alike(mine, theirs, picture, threshold):
        count += len(part[0])
        if count > MOST:
            return _crowded(mine, theirs, labels, picture, threshold)
        parts.append(part)
    if not parts:
        return []
    rows, columns, like = (np.concatenate(column) for column in zip(*parts, strict=True))
    worth = like + LABEL * (labels[0][rows] == labels[1][columns])
    for place, value in _values(mine, theirs, _in_question(rows, columns, worth > like), rows, columns, defaults):
        worth[place] += VALUE * value * (like[place] if mine[0]["kind"] == "span" else 1.0)
    return [(int(rows[place]), int(columns[place]), float(like[place])) for place in assign(rows, columns, worth)]


def _in_question(rows: Places, columns: Places, named: NDArray[np.bool_]) -> Places:
    """Places of pairs with the same label of which either side has another choice."""
    return np.flatnonzero(named & ((np.bincount(rows)[rows] > 1) | (np.bincount(columns)[columns] > 1)))


def _values(
    mine: Sequence[Thing], theirs: Sequence[Thing], asked: Places, rows: Places, columns: Places, defaults: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[Places, float]]:
    """(places among those asked for, the share of attributes that agree), worked out once for all that say the same."""
    if not len(asked):
        return
    said: dict[str, int] = {}
    codes = [np.array([said.setdefault(json.dumps([thing["label"], thing.get("attributes")], sort_keys=True), len(said)) for thing in side]) for side in (mine, theirs)]
    both, first, which = np.unique(codes[0][rows[asked]] * len(said) + codes[1][columns[asked]], return_index=True, return_inverse=True)
    if len(both) > MOST_VALUES:
        return
    order = np.argsort(which, kind="stable")
    for places, example in zip(np.split(asked[order], np.searchsorted(which[order], np.arange(1, len(both)))), asked[first], strict=True):
        yield places, _pair(mine[rows[example]], theirs[columns[example]], 0, 0, 1.0, defaults).agreed


def _crowded(mine: Sequence[Thing], theirs: Sequence[Thing], labels: Sequence[Any], picture: float, threshold: float) -> list[Found]:
    """Where thousands lie on top of each other: each object in turn takes what it likes best of what is left."""
    free = np.ones(len(theirs), dtype=bool)
    found: list[Found] = []
    for rows, columns, like in alike(mine, theirs, picture, threshold):
        starts = np.flatnonzero(np.r_[True, np.diff(rows) != 0])
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            row, choice = rows[start], columns[start:end]
            worth = (like[start:end] + LABEL * (labels[0][row] == labels[1][choice])) * free[choice]
            best = int(worth.argmax())
            if worth[best] > 0:
                free[choice[best]] = False
                found.append((int(row), int(choice[best]), float(like[start + best])))
    return found

"""Which object of one annotation is which of another: by place first, then by label. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workflows.quality.matching.assign import assign
from workflows.quality.matching.likeness import likeness, nature

Thing = dict[str, Any]
THRESHOLD = 0.5  # alike enough in place to be the same thing
SAME = 1e-3  # between places that are as good as equal: the one with the same label, and then with the same attributes


@dataclass(frozen=True)
class Pair:
    """`truth` and `answer` are places in the two lists; `alike` says how much in place and form, 0 to 1."""

    truth: int
    answer: int
    alike: float
    same_label: bool
    differing: tuple[str, ...] = ()  # names of attributes with other values
    attributes: int = 0  # that either has

    @property
    def agreed(self) -> float:
        """The share of attributes with equal values, 1 without any."""
        return 1.0 - len(self.differing) / self.attributes if self.attributes else 1.0


@dataclass(frozen=True)
class Matching:
    """`pairs` in the same place, whatever their labels; `missing` and `extra` are places in the lists that have no other."""

    pairs: list[Pair] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)


def match(truth: Sequence[Thing], answer: Sequence[Thing], *, picture: float = 0.0, threshold: float = THRESHOLD) -> Matching:
    """The assignment with the greatest summed likeness among pairs from `threshold` on; relations follow their ends.

    `picture` in pixels² is the scale of lone points and lines; 0 takes the smallest box around all that is drawn.
    """
    picture = picture or _drawn([*truth, *answer])
    found: list[tuple[int, int, float]] = []
    for kind in sorted({nature(thing) for thing in truth} - {"relation"}):
        mine = [index for index, thing in enumerate(truth) if nature(thing) == kind]
        theirs = [index for index, thing in enumerate(answer) if nature(thing) == kind]
        if theirs:
            alike = likeness([truth[index] for index in mine], [answer[index] for index in theirs], picture)
            worth = np.where(alike >= threshold, alike, 0.0)
            for row, column in zip(*np.nonzero(worth), strict=True):
                pair = _pair(truth[mine[row]], answer[theirs[column]], 0, 0, 0.0)
                worth[row, column] += SAME * (pair.same_label + pair.agreed / 10)
            found += [(mine[row], theirs[column], float(alike[row, column])) for row, column in assign(worth)]
    found += _relations(truth, answer, found)
    pairs = [_pair(truth[one], answer[other], one, other, alike) for one, other, alike in sorted(found)]
    of_truth, of_answer = {pair.truth for pair in pairs}, {pair.answer for pair in pairs}
    return Matching(
        pairs,
        [index for index in range(len(truth)) if index not in of_truth],
        [index for index in range(len(answer)) if index not in of_answer],
    )


def _pair(one: Thing, other: Thing, truth: int, answer: int, alike: float) -> Pair:
    mine, theirs = one.get("attributes", {}), other.get("attributes", {})
    names = sorted(mine.keys() | theirs.keys())
    differing = tuple(name for name in names if not same_value(mine.get(name), theirs.get(name)))
    return Pair(truth, answer, alike, one["label"] == other["label"], differing, len(names))


def same_value(one: Any, other: Any) -> bool:
    """Whether two attribute values say the same; several chosen options in whatever order."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return (type(one) is bool and one is other) or (not isinstance(one, bool) and not isinstance(other, bool) and bool(one == other))


def _relations(truth: Sequence[Thing], answer: Sequence[Thing], found: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Relations between the same two things, those with the same label first."""
    same = {truth[one].get("id"): answer[other].get("id") for one, other, _alike in found}
    waiting: dict[tuple[Any, Any], list[int]] = {}
    for index, thing in enumerate(answer):
        if thing["kind"] == "relation":
            waiting.setdefault((thing["from"], thing["to"]), []).append(index)
    pairs, later = [], []
    for index, thing in enumerate(truth):
        if thing["kind"] == "relation":
            there = waiting.get((same.get(thing["from"]), same.get(thing["to"])), [])
            named = [place for place in there if answer[place]["label"] == thing["label"]]
            if named:
                there.remove(named[0])
                pairs.append((index, named[0], 1.0))
            else:
                later.append((index, there))
    return pairs + [(index, there.pop(0), 1.0) for index, there in later if there]


def _drawn(things: Sequence[Thing]) -> float:
    """Pixels² of the smallest upright box around everything that has a place in a picture, at least one."""
    places = [place[:2] for thing in things for place in thing.get("points", ())]
    for thing in things:
        if "box" in thing:
            x, y, w, h = thing["box"]
            places += [[x, y], [x + w, y + h]]
        elif "rle" in thing:
            height, width = thing["rle"]["size"]
            places += [[0, 0], [width, height]]
    return float(np.prod(np.maximum(np.ptp(np.array(places, dtype=np.float64), axis=0), 1.0))) if places else 1.0

"""Which objects of several people are one and the same thing: from what the matcher says of every two of them. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from workflows.quality.matching.match import THRESHOLD, Thing, drawn, match

Spot = tuple[int, int]  # which person, which of their objects


@dataclass(frozen=True)
class Cluster:
    """One thing: for each person who drew it, which of their objects it is. `alike` is the mean likeness of the matched
    pairs in it, 1 for an object that stands alone."""

    members: Mapping[Hashable, int]
    alike: float


def clusters(
    answers: Mapping[Hashable, Sequence[Thing]], schema: Mapping[str, Any] | None = None, *, picture: float = 0.0, threshold: float = THRESHOLD
) -> list[Cluster]:
    """Every object of every person is in one cluster, in the order of people and of their objects.

    Every two people are matched (see `match`, also for `picture` in pixels², `schema` and `threshold`). From the likeliest pair on,
    two clusters become one when no person is in both and more than half of the pairs between them were matched, so that a
    chain of things that lie side by side does not become one.
    """
    people = list(answers)
    things = [list(answers[person]) for person in people]
    picture = picture or drawn([thing for side in things for thing in side])
    pairs: dict[tuple[Spot, Spot], float] = {}
    for one, other in combinations(range(len(people)), 2):
        if things[one] and things[other]:
            for pair in match(things[one], things[other], schema, picture=picture, threshold=threshold).pairs:
                pairs[(one, pair.truth), (other, pair.answer)] = pair.alike
    groups: dict[Spot, list[Spot]] = {(person, place): [(person, place)] for person, side in enumerate(things) for place in range(len(side))}
    for one_spot, other_spot in _likeliest(pairs, things):
        mine, theirs = groups[one_spot], groups[other_spot]
        if mine is not theirs and _fit(mine, theirs, pairs):
            mine += theirs
            for spot in theirs:
                groups[spot] = mine
    found = {id(group): sorted(group) for group in groups.values()}
    return [Cluster({people[person]: place for person, place in group}, _alike(group, pairs)) for group in sorted(found.values())]


def _likeliest(pairs: Mapping[tuple[Spot, Spot], float], things: Sequence[Sequence[Thing]]) -> list[tuple[Spot, Spot]]:
    """The pairs from the likeliest on; what they say is only asked of equals."""
    often = Counter(pairs.values())
    return sorted(pairs, key=lambda pair: (-pairs[pair], _words(things, pair) if often[pairs[pair]] > 1 else [], pair))


def _words(things: Sequence[Sequence[Thing]], pair: tuple[Spot, Spot]) -> list[str]:
    """Pairs that are as like follow what is drawn, not who drew it."""
    said = [{name: value for name, value in things[person][place].items() if name != "id"} for person, place in pair]
    return sorted(json.dumps(thing, sort_keys=True) for thing in said)


def _fit(mine: Sequence[Spot], theirs: Sequence[Spot], pairs: Mapping[tuple[Spot, Spot], float]) -> bool:
    if {person for person, _place in mine} & {person for person, _place in theirs}:
        return False
    met = sum((min(one, other), max(one, other)) in pairs for one in mine for other in theirs)
    return 2 * met > len(mine) * len(theirs)


def _alike(group: Sequence[Spot], pairs: Mapping[tuple[Spot, Spot], float]) -> float:
    found = [pairs[pair] for pair in combinations(group, 2) if pair in pairs]
    return sum(found) / len(found) if found else 1.0

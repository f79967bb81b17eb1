"""Things that are found in many items at a time are those that are found when every two people are matched by themselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.test_match_laws import PICTURE, documents
from tests.quality.test_match_many import boxed
from workflows.quality.agreement.boxes import units
from workflows.quality.matching.match import drawn, match

Spot = tuple[int, int]  # which person, which of their objects
close = st.builds(lambda x, label: {"kind": "box", "box": [x / 2, 0, 10, 10], "label": label}, st.integers(0, 12), st.sampled_from("ab"))
crowded = st.builds(lambda objects: {"objects": objects}, st.lists(close, max_size=3))


def one_by_one(sides: Sequence[Sequence[Any]], picture: float, threshold: float) -> list[dict[int, Any]]:
    """The rule as `matching.clusters` tells it, step by step."""
    picture = picture or drawn([thing for side in sides for thing in side])
    alike: dict[tuple[Spot, Spot], float] = {}
    for one, other in combinations(range(len(sides)), 2):
        for pair in match(sides[one], sides[other], picture=picture, threshold=threshold).pairs:
            alike[(one, pair.truth), (other, pair.answer)] = pair.alike
    often = Counter(alike.values())

    def turn(pair: tuple[Spot, Spot]) -> Any:
        said = [{name: value for name, value in sides[person][place].items() if name != "id"} for person, place in pair]
        return -alike[pair], sorted(json.dumps(thing, sort_keys=True) for thing in said) if often[alike[pair]] > 1 else [], pair

    groups: list[list[Spot]] = [[(person, place)] for person, side in enumerate(sides) for place in range(len(side))]
    for pair in sorted(alike, key=turn):
        mine, theirs = (next(group for group in groups if spot in group) for spot in pair)
        met = sum((min(one, other), max(one, other)) in alike for one in mine for other in theirs)
        if mine is not theirs and not {person for person, _place in mine} & {person for person, _place in theirs} and 2 * met > len(mine) * len(theirs):
            groups.remove(theirs)
            mine += theirs
    return [{person: sides[person][place] for person, place in sorted(group)} for group in sorted(map(sorted, groups))]


@given(
    st.lists(st.lists(st.one_of(crowded, crowded, boxed, documents), min_size=2, max_size=5), min_size=1, max_size=4),
    st.sampled_from([0.0, PICTURE]),
    st.sampled_from([0.3, 0.5, 1.0]),
)
@settings(max_examples=40, deadline=None)
def test_many_items_at_a_time_say_what_each_two_people_say(said: list[list[dict[str, Any]]], picture: float, threshold: float) -> None:
    items: list[tuple[int, Mapping[Any, Any]]] = [(at, {who: document["objects"] for who, document in enumerate(row)}) for at, row in enumerate(said)]
    found = [(unit.item, unit.number, dict(unit.members)) for unit in units(items, pictures=dict.fromkeys(range(len(items)), picture), threshold=threshold)]
    assert found == [
        (item, number, members) for item, answers in items for number, members in enumerate(one_by_one(list(answers.values()), picture, threshold))
    ]

"""What holds of every consensus, for annotations of all kinds of objects at once."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality.test_match_laws import PICTURE, documents, mixed
from workflows.quality.consensus.clusters import likeness
from workflows.quality.consensus.merge import consensus, consensus_of_many
from workflows.quality.matching.match import THRESHOLD
from workflows.quality.matching.score import score

PEOPLE = ("ann", "bob", "cat", "dan", "eve")


@st.composite
def crowds(draw: Any) -> dict[str, Any]:
    """Annotations of one item by two to four people, who moved, forgot and relabelled some objects of the same scene."""
    scene, chance = draw(documents), draw(st.randoms(use_true_random=False))
    found = {}
    for person in PEOPLE[: draw(st.integers(2, 4))]:
        objects = [one for one in mixed(scene, chance)["objects"] if chance.random() < 0.8]
        for one in objects:
            if one["kind"] == "box":
                one["box"] = [one["box"][0] + chance.choice([0, 0, 1, 2]), *one["box"][1:]]
            if chance.random() < 0.2:
                one["label"] = chance.choice(["car", "person"])
        objects += draw(documents)["objects"][:2]
        found[person] = {"objects": objects, "item": scene["item"] if chance.random() < 0.7 else {}}
    return found


def contents(objects: Sequence[dict[str, Any]]) -> list[str]:
    """Objects without their ids, in an order of their own."""
    return sorted(json.dumps({name: value for name, value in one.items() if name != "id"}, sort_keys=True) for one in objects)


@given(documents, st.integers(1, 4), st.randoms())
@settings(max_examples=20, deadline=None)
def test_whatever_all_say_is_the_consensus(document: dict[str, Any], people: int, chance: random.Random) -> None:
    found = consensus({person: mixed(document, chance) for person in PEOPLE[:people]}, picture=PICTURE)
    assert contents(found.document["objects"]) == contents(document["objects"])
    assert found.document["item"] == document["item"]
    assert found.unanimous and not found.left_out and not found.ties
    assert all(choice.score == pytest.approx(1.0, abs=1e-9) for choice in found.choices)
    assert score(document, found.document, picture=PICTURE).value == pytest.approx(1.0, abs=1e-9)


@given(crowds(), st.randoms())
@settings(max_examples=20, deadline=None)
def test_the_order_of_people_is_of_no_account(crowd: dict[str, Any], chance: random.Random) -> None:
    people = list(crowd)
    chance.shuffle(people)
    one = consensus(crowd, item="a", picture=PICTURE)
    assert consensus({person: crowd[person] for person in people}, item="a", picture=PICTURE) == one
    assert json.dumps(one.explain())
    other = consensus(crowd, item="b", picture=PICTURE)
    assert contents(other.document["objects"]) == contents(one.document["objects"])
    assert not {thing["id"] for thing in one.document["objects"]} & {thing["id"] for thing in other.document["objects"]}


@given(crowds(), st.permutations(PEOPLE))
@settings(max_examples=20, deadline=None)
def test_people_may_have_any_names(crowd: dict[str, Any], names: list[str]) -> None:
    one = consensus(crowd, picture=PICTURE)
    other = consensus({names[PEOPLE.index(person)]: document for person, document in crowd.items()}, picture=PICTURE)
    assert contents(one.document["objects"]) == contents(other.document["objects"])
    assert one.document["item"] == other.document["item"]


@given(crowds())
@settings(max_examples=20, deadline=None)
def test_a_higher_quorum_takes_objects_away_and_adds_none(crowd: dict[str, Any]) -> None:
    found = [consensus(crowd, quorum=quorum, picture=PICTURE) for quorum in (1, 2, 3, 4, 5)]
    ids = [{thing["id"] for thing in one.document["objects"]} for one in found]
    assert all(more >= less for more, less in pairwise(ids)) and not ids[-1]
    total = sum(len(document["objects"]) for document in crowd.values())
    for one in found:
        assert sum(len(part.members) for part in (*one.choices, *one.left_out)) == total  # nothing is lost in silence


@given(crowds())
@settings(max_examples=20, deadline=None)
def test_in_a_cluster_each_person_has_one_object_and_all_are_alike(crowd: dict[str, Any]) -> None:
    for choice in consensus(crowd, quorum=1, picture=PICTURE).choices:
        people = [member.person for member in choice.members]
        assert len(set(people)) == len(people)
        things = [member.thing for member in choice.members]
        assert all(likeness(one, other, PICTURE, THRESHOLD) >= THRESHOLD for place, one in enumerate(things) for other in things[place + 1 :])
        assert 0 <= choice.score <= 1 and choice.label.value in {thing["label"] for thing in things}


def test_no_chain_of_neighbours_becomes_one_object() -> None:
    """All ways in which three people may lay a box along a line."""
    rows = [
        (at, {who: {"objects": [{"kind": "box", "label": "car", "box": [float(x), 0, 10, 10]}]} for who, x in zip(PEOPLE, places, strict=False)}, PICTURE)
        for at, places in enumerate(product(range(0, 9, 2), repeat=3))
    ]
    sizes = set()
    for found in consensus_of_many(rows, quorum=1):
        for choice in found.choices:
            left = [member.thing["box"][0] for member in choice.members]
            assert max(left) - min(left) <= 10 / 3
            sizes.add(len(left))
    assert sizes == {1, 2, 3}


@given(st.lists(crowds(), max_size=4))
@settings(max_examples=12, deadline=None)
def test_many_at_a_time_are_as_one_by_one(crowd: list[dict[str, Any]]) -> None:
    rows = [(place, one, PICTURE) for place, one in enumerate(crowd)]
    assert list(consensus_of_many(rows)) == [consensus(one, item=place, picture=PICTURE) for place, one in enumerate(crowd)]

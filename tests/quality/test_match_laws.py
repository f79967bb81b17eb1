"""What holds of every score, for documents of all kinds of objects at once."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.labels.masks import encode
from workflows.quality.matching import match as matching
from workflows.quality.matching.likeness import alike
from workflows.quality.matching.score import agreement, score

SIDE = 40
PICTURE = float(SIDE * SIDE)
places = st.integers(0, SIDE)
spots = st.tuples(places, places).map(list)
FLAGS = st.one_of(st.none(), st.fixed_dictionaries({}, optional={"late": st.booleans(), "make": st.sampled_from("ab"), "signs": st.lists(st.sampled_from("xyz"), unique=True)}))


def square_mask(left: int, top: int, side: int) -> dict[str, Any]:
    """A square of pixels as run lengths."""
    right, below = min(SIDE, left + side), min(SIDE, top + side)
    runs, covered = [0], False
    for pixel in range(SIDE * SIDE):
        inside = left <= pixel // SIDE < right and top <= pixel % SIDE < below
        if inside != covered:
            runs.append(0)
            covered = inside
        runs[-1] += 1
    return {"kind": "mask", "rle": {"size": [SIDE, SIDE], "counts": encode(runs)}}


shapes = st.one_of(
    st.builds(lambda x, y, turn: {"kind": "box", "box": [x, y, 12, 9], "rotation": turn}, places, places, st.sampled_from([0, 0, 30])),
    st.builds(lambda x, y, s: {"kind": "polygon", "points": [[x, y], [x + s, y], [x + s, y + s], [x, y + s]]}, places, places, st.integers(6, 14)),
    st.builds(square_mask, st.integers(0, 30), st.integers(0, 30), st.integers(5, 15)),
    st.builds(lambda spot: {"kind": "point", "points": [spot]}, spots),
    st.builds(lambda spots: {"kind": "polyline", "points": spots}, st.lists(spots, min_size=2, max_size=4)),
    st.builds(lambda spots: {"kind": "keypoints", "points": [[*spot, 2] for spot in spots]}, st.lists(spots, min_size=3, max_size=3)),
    st.builds(lambda start, length: {"kind": "span", "start": start, "end": start + length}, places, st.integers(1, 9)),
)
things = st.builds(
    lambda shape, label, flags: shape | {"id": str(uuid.uuid4()), "label": label} | ({"attributes": flags} if flags else {}), shapes, st.sampled_from(["car", "person"]), FLAGS
)
documents = st.builds(
    lambda objects, item: {"objects": objects, "item": item},
    st.lists(things, max_size=6),
    st.fixed_dictionaries({}, optional={"weather": st.sampled_from(["rain", "fog"]), "usable": st.booleans()}),
)


def mixed(document: dict[str, Any], chance: Any) -> dict[str, Any]:
    """The same in another order under other ids."""
    objects = [one | {"id": str(uuid.uuid4())} for one in document["objects"]]
    chance.shuffle(objects)
    return {"objects": objects, "item": document["item"]}


@given(documents, st.randoms())
@settings(max_examples=40, deadline=None)
def test_whoever_says_the_same_is_right_in_everything(document: dict[str, Any], chance: Any) -> None:
    found = score(document, mixed(document, chance), picture=PICTURE)
    assert found.value == pytest.approx(1.0, abs=1e-9)
    assert all(row["truth"] == row["answer"] == row["right"] for row in found.parts["labels"].values())
    assert not found.parts["confused"] and all(found.parts["item"].values())


@given(documents, documents, st.randoms())
@settings(max_examples=40, deadline=None)
def test_a_score_knows_neither_sides_nor_order_nor_ids(one: dict[str, Any], other: dict[str, Any], chance: Any) -> None:
    found = score(one, other, picture=PICTURE)
    assert 0 <= found.value <= 1
    assert score(other, one, picture=PICTURE).value == pytest.approx(found.value, abs=1e-9)
    again = score(mixed(one, chance), mixed(other, chance), picture=PICTURE)
    assert again.value == pytest.approx(found.value, abs=1e-9)
    assert again.parts == found.parts


@given(documents, documents)
@settings(max_examples=40, deadline=None)
def test_the_counts_add_up_and_are_json(one: dict[str, Any], other: dict[str, Any]) -> None:
    parts = score(one, other, picture=PICTURE).parts
    assert json.loads(json.dumps(parts)) == parts
    rows = parts["labels"].values()
    assert all(row["truth"] == row["right"] + row["wrong_label"] + row["missing"] for row in rows)
    assert sum(row["answer"] for row in rows) == sum(row["right"] + row["wrong_label"] + row["extra"] for row in rows) == len(other["objects"])
    assert sum(times for _truth, _said, times in parts["confused"]) == sum(row["wrong_label"] for row in rows)


@given(documents)
@settings(max_examples=30, deadline=None)
def test_another_label_is_a_wrong_label_in_the_right_place(document: dict[str, Any]) -> None:
    renamed = {"objects": [one | {"label": "tram"} for one in document["objects"]], "item": {}}
    found = score({"objects": document["objects"], "item": {}}, renamed, picture=PICTURE)
    assert all(row["wrong_label"] == row["truth"] for row in found.parts["labels"].values())
    assert found.value == (0.0 if document["objects"] else 1.0)


@pytest.mark.parametrize("kind", ["point", "polyline", "keypoints", "span"])
@given(st.randoms(use_true_random=False), st.sampled_from([0.05, 0.3, 0.5, 0.8]))
@settings(max_examples=20, deadline=None)
def test_nothing_alike_is_too_far_away_to_be_looked_at(kind: str, chance: Any, threshold: float) -> None:
    def one() -> dict[str, Any]:
        spots = [[chance.uniform(0, SIDE), chance.uniform(0, SIDE)] for _ in range(3)]
        start = chance.randrange(SIDE)
        points = {"point": spots[:1], "polyline": spots, "keypoints": [[*spot, 2] for spot in spots]}.get(kind, [])
        return {"kind": kind, "points": points, "start": start, "end": start + chance.randrange(1, 9)}

    def near(thing: dict[str, Any]) -> dict[str, Any]:
        """Moved as a whole, so that everything of it is as far away as its bounds."""
        dx, dy = chance.uniform(-20, 20), chance.uniform(-20, 20)
        return thing | {"points": [[place[0] + dx, place[1] + dy, *place[2:]] for place in thing["points"]], "start": thing["start"] + 1, "end": thing["end"] + 1}

    ones = [one() for _ in range(10)]
    others = [near(thing) for thing in ones]
    found = {(int(row), int(column)) for rows, columns, _like in alike(ones, others, PICTURE * 100, threshold) for row, column in zip(rows, columns, strict=True)}
    every = {
        (int(row), int(column)): float(like) for part in alike(ones, others, PICTURE * 100, 1e-9) for row, column, like in zip(*part, strict=True)
    }
    assert found == {pair for pair, like in every.items() if like >= threshold}


@given(st.lists(documents, min_size=2, max_size=4))
@settings(max_examples=15, deadline=None)
def test_agreement_is_the_mean_of_all_pairs_in_whatever_order(found: list[dict[str, Any]]) -> None:
    pairs = [score(one, other, picture=PICTURE).value for place, one in enumerate(found) for other in found[:place]]
    assert agreement(found, picture=PICTURE) == pytest.approx(sum(pairs) / len(pairs), abs=1e-9)
    assert agreement(found[::-1], picture=PICTURE) == pytest.approx(agreement(found, picture=PICTURE), abs=1e-9)


@given(documents, documents)
@settings(max_examples=30, deadline=None)
def test_taking_one_after_the_other_in_a_crowd_is_one_to_one_too(one: dict[str, Any], other: dict[str, Any]) -> None:
    best = score(one, other, picture=PICTURE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "MOST", 0)
        found = score(one, other, picture=PICTURE)
        assert score(one, one, picture=PICTURE).parts["labels"].keys() == {thing["label"] for thing in one["objects"]}
    rows, most = found.parts["labels"].values(), best.parts["labels"].values()
    assert all(row["truth"] == row["right"] + row["wrong_label"] + row["missing"] for row in rows)
    pairs, likely = (sum(row["right"] + row["wrong_label"] for row in side) for side in (rows, most))
    assert 2 * pairs >= likely

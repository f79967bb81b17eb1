"""A crowd of known skill draws scenes of known truth: what they agree on is worth more than what any of them drew."""

from __future__ import annotations

from typing import Any

import numpy as np

from workflows.quality.consensus.merge import consensus_of_many
from workflows.quality.matching.score import score

PEOPLE = {"ann": 0.9, "bob": 0.85, "cat": 0.8, "dan": 0.75, "eve": 0.7}  # how often a thing is seen, and named aright
LABELS = ("car", "bus", "bike")


def scene(chance: np.random.Generator) -> dict[str, Any]:
    """Six things in a picture of 900 × 600, apart from each other."""
    return {"objects": [{"id": str(place), "kind": "box", "label": str(chance.choice(LABELS)), "box": [place % 3 * 300 + 20.0, place // 3 * 300 + 20.0, 120.0, 90.0]} for place in range(6)]}


def drawn(truth: dict[str, Any], skill: float, chance: np.random.Generator) -> dict[str, Any]:
    """What a person of that skill draws of it: some forgotten, some misnamed, all a little off, and now and then one in vain."""
    objects = []
    for thing in truth["objects"]:
        if chance.random() < skill:
            label = thing["label"] if chance.random() < skill else str(chance.choice(LABELS))
            objects.append({**thing, "label": label, "box": [float(value) for value in np.array(thing["box"]) + chance.normal(scale=4, size=4)]})
    if chance.random() > skill:
        objects.append({"id": "x", "kind": "box", "label": "car", "box": [float(value) for value in (*chance.uniform(0, 500, size=2), 40, 40)]})
    return {"objects": objects, "item": {}}


def test_a_crowd_is_right_more_often_than_its_best() -> None:
    chance = np.random.default_rng(17)
    truths = [scene(chance) for _turn in range(60)]
    crowd = [{person: drawn(truth, skill, chance) for person, skill in PEOPLE.items()} for truth in truths]
    found = list(consensus_of_many([(place, said, 0.0) for place, said in enumerate(crowd)]))
    each = {person: np.mean([score(truth, said[person]).value for truth, said in zip(truths, crowd, strict=True)]) for person in PEOPLE}
    together = float(np.mean([score(truth, one.document).value for truth, one in zip(truths, found, strict=True)]))
    assert each["ann"] == max(each.values()) and each["eve"] == min(each.values())
    assert together > each["ann"] + 0.08 and together > 0.9
    worth: dict[bool, list[float]] = {True: [], False: []}
    for truth, one in zip(truths, found, strict=True):
        for choice in one.choices:
            near = score(truth, {"objects": [choice.thing]}).parts["labels"]
            worth[any(row["right"] for row in near.values())].append(choice.score)
    assert np.mean(worth[True]) > np.mean(worth[False]) + 0.2  # a low score says: look here

"""Items of plain boxes are decided, and matched, all at once: to the letter what each comes to by itself."""

from __future__ import annotations

import json
import uuid
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.quality.agreement import boxes
from workflows.quality.heard import Heard
from workflows.quality.matched import Matching, Said
from workflows.quality.verdicts import Verdicts

LABELS = ("car", 'a "quoted" one', "Straße\\")


def schema(*, asked: bool, required: bool) -> dict[str, Any]:
    labels: list[dict[str, Any]] = [{"name": name, "kinds": ["box"], "color": "#de5308", "hotkey": str(n)} for n, name in enumerate(LABELS)]
    labels[1]["attributes"] = [{"name": "parked", "type": "bool", **({"required": True} if required else {})}]
    item = [{"name": "weather", "type": "choice", "options": ["rain", "fog"], **({"required": True} if required else {})}]
    return {"labels": labels, **({"item": item} if asked else {})}


@st.composite
def answered(draw: Any) -> list[Heard]:
    """Items as several people answer them: mostly plain, with all that makes some of them not."""
    chance: Random = draw(st.randoms(use_true_random=False))
    odd = draw(st.sampled_from([0.0, 0.02, 0.15]))  # how often something is not plain
    steps = draw(st.sampled_from([[0], [0, 1, 3], [0, 0.1, 1 / 3, 1e-7], [0, 25]]))
    rows = []
    for item in range(1, draw(st.integers(1, 12)) + 1):
        people = sorted(chance.sample(range(1, 9), chance.choice([1, 2, 3, 3, 3, 5])))
        near = chance.random() < 0.2  # things that are hard to tell apart
        things = [(chance.choice(LABELS), [chance.choice([20, 20.5]) + (7 if near else 90) * k, 10, 60, 40]) for k in range(chance.randint(0, 3))]
        texts = [json.dumps(said(chance, things, steps, odd)) for _person in people]
        if chance.random() < 0.1:
            texts = texts[:1] * len(texts)  # as where all took the same prediction over
        size = chance.choice([(0, 0), (640, 480), (100, 100), (350, 60)])
        rows.append(Heard(item, tuple(range(10 * item, 10 * item + len(people))), tuple(people), tuple(texts), *size))
    return rows


def said(chance: Random, things: list[tuple[str, list[float]]], steps: list[float], odd: float) -> dict[str, Any]:
    objects: list[dict[str, Any]] = []
    for label, (x, y, w, h) in things:
        if chance.random() < 0.1:
            continue
        box = [x + chance.choice(steps), y + chance.choice(steps), w, h + chance.choice(steps)]
        objects.append(thing(chance, chance.choice(LABELS) if chance.random() < 0.15 else label, box))
    if chance.random() < 0.1:
        objects.append(thing(chance, LABELS[0], [300, 5, 8, 8]))
    for one in objects:
        if chance.random() < odd:
            one |= chance.choice([{"rotation": 0}, {"rotation": 30.5}, {"attributes": {"parked": True}}, {"box": [1e12, 0, 1e-8, 5]}, {"track": str(uuid.UUID(int=5))}])
    if chance.random() < odd:
        objects.append({"id": str(uuid.UUID(int=chance.getrandbits(128))), "kind": "polygon", "label": LABELS[0], "points": [[0, 0], [9, 0], [9, 9]]})
    return {"item": {"weather": "rain"} if chance.random() < odd else {}, "objects": objects}


def thing(chance: Random, label: str, box: list[float]) -> dict[str, Any]:
    return {"box": box, "id": str(uuid.UUID(int=chance.getrandbits(128))), "kind": "box", "label": label}


ASKED = st.builds(schema, asked=st.booleans(), required=st.sampled_from([False, False, True]))


@given(answered(), ASKED, st.sampled_from(["majority", "best"]), st.sampled_from([None, None, 1, 2, 3]))
@settings(max_examples=80, deadline=None)
def test_plain_items_come_to_what_each_comes_to_by_itself(rows: list[Heard], document: dict[str, Any], method: str, quorum: int | None) -> None:
    verdicts = Verdicts(document, method, quorum)
    if method != "majority":
        parts = Matching(document).parts([Said(row.item, row.people, row.texts, 0) for row in rows])
        verdicts.learn([(row.item, 0, 0, part) for row, part in zip(rows, parts, strict=True)])
    each = [one for row in rows for one in verdicts.decide_each([row], [tuple(map(json.loads, row.texts))])]
    assert sorted(verdicts.decide(rows), key=lambda one: one.item) == each


def test_a_crowd_of_plain_items_is_decided_together() -> None:
    chance, steps = Random(3), [0.0, 1.0, 2.5]
    texts = [[json.dumps(said(chance, [("car", [20.0, 10.0, 60.0, 40.0]), ("car", [200.0, 10.0, 60.0, 40.0])], steps, 0.0)) for _ in range(3)] for _ in range(200)]
    rows = [Heard(item, (1, 2, 3), (1, 2, 3), tuple(some), 640, 480) for item, some in enumerate(texts)]
    verdicts = Verdicts(schema(asked=True, required=False), "majority", None)
    plain = verdicts.plainly.decide(rows, [tuple(map(json.loads, row.texts)) for row in rows])
    assert sum(one is not None for one in plain) > 150


@given(answered(), ASKED)
@settings(max_examples=80, deadline=None)
def test_plain_items_are_matched_as_each_is_by_itself(rows: list[Heard], document: dict[str, Any]) -> None:
    found = Matching(document).parts([Said(row.item, row.people, row.texts, row.width * row.height) for row in rows])
    for row, part in zip(rows, found, strict=True):
        drawn: Any = {person: json.loads(text)["objects"] for person, text in zip(row.people, row.texts, strict=True)}
        units = list(boxes.units([(row.item, drawn)], document))
        assert json.loads(part)[:2] == [list(row.people), [unit.members[person]["label"] if person in unit.members else "" for unit in units for person in row.people]]

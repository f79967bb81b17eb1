"""One number for an answer against a truth, and for how much answers agree; and the counts behind it. Pure.

The number is an F1 over units: the objects, and the answers about the item. A pair of objects in the same place with the
same label is worth the share of its attributes that agree, a pair of spans that times the characters they share; a right
place with a wrong label is worth nothing, but is counted apart. Two annotations with nothing in them agree (1.0): looking
and finding nothing is an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from workflows.quality.matching.match import THRESHOLD, match, same_value

Document = dict[str, Any]
_COUNTS = ("truth", "answer", "right", "wrong_label", "missing", "extra")


@dataclass(frozen=True)
class Score:
    """`value` 0 to 1. `parts`, as JSON: {"labels": {label: {truth, answer, right, wrong_label, missing, extra}},
    "confused": [[label of the truth, label of the answer, how often]], "item": {name: right (true or false)},
    "attributes": {label: {name: [equal, of]}}}; `wrong_label` counts at the label of the truth."""

    value: float
    parts: dict[str, Any]


def score(truth: Document, answer: Document, schema: dict[str, Any] | None = None, *, picture: float = 0.0, threshold: float = THRESHOLD) -> Score:
    """How right an answer is. `picture` in pixels², where lone points and lines need a scale. `schema` tells which answers
    about the item count: all that either gave, without it."""
    mine, theirs = truth.get("objects", []), answer.get("objects", [])
    found = match(mine, theirs, picture=picture, threshold=threshold)
    labels: dict[str, dict[str, int]] = {}
    confused: dict[tuple[str, str], int] = {}
    attributes: dict[str, dict[str, list[int]]] = {}

    def count(label: str, what: str) -> None:
        labels.setdefault(label, dict.fromkeys(_COUNTS, 0))[what] += 1

    for thing in mine:
        count(thing["label"], "truth")
    for thing in theirs:
        count(thing["label"], "answer")
    worth = 0.0
    for pair in found.pairs:
        label, said = mine[pair.truth]["label"], theirs[pair.answer]["label"]
        if not pair.same_label:
            count(label, "wrong_label")
            confused[label, said] = confused.get((label, said), 0) + 1
            continue
        count(label, "right")
        worth += pair.agreed * (pair.alike if mine[pair.truth]["kind"] == "span" else 1.0)
        for name in mine[pair.truth].get("attributes", {}).keys() | theirs[pair.answer].get("attributes", {}).keys():
            equal, of = attributes.setdefault(label, {}).get(name, [0, 0])
            attributes[label][name] = [equal + (name not in pair.differing), of + 1]
    for index in found.missing:
        count(mine[index]["label"], "missing")
    for index in found.extra:
        count(theirs[index]["label"], "extra")
    item = _item(truth, answer, schema)
    units = len(mine) + len(theirs) + sum(name in side.get("item", {}) for side in (truth, answer) for name in item)
    value = 2 * (worth + sum(item.values())) / units if units else 1.0
    parts = {
        "labels": labels,
        "confused": [[*pair, times] for pair, times in sorted(confused.items())],
        "item": item,
        "attributes": attributes,
    }
    return Score(min(1.0, value), parts)


def _item(truth: Document, answer: Document, schema: dict[str, Any] | None) -> dict[str, bool]:
    mine, theirs = truth.get("item", {}), answer.get("item", {})
    known = mine.keys() | theirs.keys()
    if schema is not None:
        known &= {attribute["name"] for attribute in schema.get("item", [])}
    return {name: name in mine and name in theirs and same_value(mine[name], theirs[name]) for name in sorted(known)}


def agreement(documents: Sequence[Document], schema: dict[str, Any] | None = None, *, picture: float = 0.0, threshold: float = THRESHOLD) -> float:
    """The mean of the scores of all pairs, which do not change when the two change places; 1 for fewer than two."""
    values = [score(one, other, schema, picture=picture, threshold=threshold).value for one, other in combinations(documents, 2)]
    return sum(values) / len(values) if values else 1.0

"""One number for an answer against a truth, and for how much answers agree; and the counts behind it. Pure.

The number is an F1 over units: the objects, and the answers about the item. With W the summed worth of pairs, it is
2 W ÷ (units of the truth + units of the answer). A pair of objects in the same place with the same label is worth the share
of its attributes that agree (1 without any), a pair of spans that times the characters they share; a right place with a wrong
label is worth nothing, so it weighs as a miss and an extra, but is counted apart. An answer about the item is worth 1 or 0.
Two annotations with nothing in them agree (1.0): looking and finding nothing is an answer.

With `threshold=1.0` spans count only when they are the same to the character: the exact F1 of named entities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from workflows.quality.matching import values
from workflows.quality.matching.match import THRESHOLD, Matching, match

Document = Mapping[str, Any]
COUNTS = ("truth", "answer", "right", "wrong_label", "missing", "extra")
DIGITS = 12  # so that sums in another order say the same


@dataclass(frozen=True)
class Score:
    """`value` 0 to 1. `parts`, as JSON: {"labels": {label: {truth, answer, right, wrong_label, missing, extra}},
    "confused": [[label of the truth, label of the answer, how often]], "item": {name: right (true or false)},
    "attributes": {label: {name: [equal, of]}}}. `wrong_label` counts at the label of the truth, so that for each label
    truth = right + wrong_label + missing; relations stand among the labels under their name."""

    value: float
    parts: dict[str, Any]


def score(
    truth: Document, answer: Document, schema: Mapping[str, Any] | None = None, *, picture: float = 0.0, threshold: float = THRESHOLD
) -> Score:
    """How right an answer is. `picture` in pixels², where lone points and lines need a scale (see `match`). `schema` is the
    schema's document: it tells which answers about the item count (all that either gave, without it) and what absent
    attributes mean."""
    mine, theirs = truth.get("objects") or [], answer.get("objects") or []
    found = match(mine, theirs, schema, picture=picture, threshold=threshold)
    item, given = _item(truth.get("item") or {}, answer.get("item") or {}, schema)
    worth = sum(pair.worth(mine[pair.truth]["kind"]) for pair in found.pairs) + sum(item.values())
    units = len(mine) + len(theirs) + given
    parts = {**_counts(mine, theirs, found), "item": item}
    return Score(round(min(1.0, 2 * worth / units), DIGITS) if units else 1.0, parts)


def agreement(
    documents: Sequence[Document], schema: Mapping[str, Any] | None = None, *, picture: float = 0.0, threshold: float = THRESHOLD
) -> float:
    """The mean of the scores of all pairs, which do not change when the two change places; 1 for fewer than two."""
    found = [score(one, other, schema, picture=picture, threshold=threshold).value for one, other in combinations(documents, 2)]
    return sum(found) / len(found) if found else 1.0


def _item(mine: Mapping[str, Any], theirs: Mapping[str, Any], schema: Mapping[str, Any] | None) -> tuple[dict[str, bool], int]:
    """(for each answer about the item whether it is right, how many units they are on both sides)."""
    asked = None if schema is None else {attribute["name"] for attribute in schema.get("item") or ()}
    meant = values.unsaid((schema or {}).get("item"))
    right = {name: same for name, same in values.compared(mine, theirs, meant, meant).items() if asked is None or name in asked}
    return right, sum(name in meant or name in side for side in (mine, theirs) for name in right)


def _counts(mine: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]], found: Matching) -> dict[str, Any]:
    labels: dict[str, dict[str, int]] = {}
    confused: dict[tuple[str, str], int] = {}
    attributes: dict[str, dict[str, list[int]]] = {}

    def count(thing: Mapping[str, Any], what: str) -> None:
        labels.setdefault(thing["label"], dict.fromkeys(COUNTS, 0))[what] += 1

    for thing in mine:
        count(thing, "truth")
    for thing in theirs:
        count(thing, "answer")
    for pair in found.pairs:
        label, said = mine[pair.truth]["label"], theirs[pair.answer]["label"]
        if pair.same_label:
            count(mine[pair.truth], "right")
            for name, same in pair.attributes.items():
                equal, of = attributes.setdefault(label, {}).get(name, [0, 0])
                attributes[label][name] = [equal + same, of + 1]
        else:
            count(mine[pair.truth], "wrong_label")
            confused[label, said] = confused.get((label, said), 0) + 1
    for index in found.missing:
        count(mine[index], "missing")
    for index in found.extra:
        count(theirs[index], "extra")
    return {"labels": labels, "confused": [[*pair, times] for pair, times in sorted(confused.items())], "attributes": attributes}

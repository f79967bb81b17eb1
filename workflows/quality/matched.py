"""What of the overlapping answers of items is compared, found by matching: pure, so that a process beside the job can do it.

A part is JSON: [people, labels, questions, attributes]. `labels` has for each thing that anybody drew one label
a person, in their order, "" of who did not draw it; a question is [name, a value for each person]; an attribute [thing, label, name,
places of people, their values].
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from workflows.quality.agreement import boxes
from workflows.quality.matching.plain import Plain
from workflows.quality.matching.values import unsaid


class Said(NamedTuple):
    """`texts` are the documents of `people`, in their order, as JSON in the words of the schema; `picture` in pixels² or 0."""

    item: int
    people: tuple[int, ...]
    texts: tuple[str, ...]
    picture: float


class Matching:
    """Under one schema (its document)."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.schema = document
        self.meant = unsaid(document.get("item"))
        self.named = [one["name"] for one in document.get("item") or () if one["type"] in ("choice", "bool")]

    def parts(self, rows: Sequence[Said]) -> list[bytes]:
        """Of each, in their order."""
        said = [[orjson.loads(text) for text in row.texts] for row in rows]
        called = _plainly([[document.get("objects") or [] for document in given] for given in said])
        others = [(row, given) for row, given, labels in zip(rows, said, called, strict=True) if labels is None]
        drawn: Any = [(row.item, {person: document.get("objects") or [] for person, document in zip(row.people, given, strict=True)}) for row, given in others]
        pictures: Any = {row.item: row.picture for row, _given in others if row.picture}
        units: dict[Hashable, list[boxes.Unit]] = {}
        for unit in boxes.units(drawn, self.schema, pictures=pictures):
            units.setdefault(unit.item, []).append(unit)
        return [
            self._part(row.people, given, units.get(row.item, [])) if labels is None else self._told(row.people, given, labels, [])
            for row, given, labels in zip(rows, said, called, strict=True)
        ]

    def _told(self, people: Sequence[int], given: Sequence[dict[str, Any]], labels: list[str], attributes: list[Any]) -> bytes:
        questions = [[name, [(document.get("item") or {}).get(name, self.meant.get(name)) for document in given]] for name in self.named]
        return orjson.dumps([people, labels, [row for row in questions if any(value is not None for value in row[1])], attributes])

    def _part(self, people: Sequence[int], given: Sequence[dict[str, Any]], things: Sequence[boxes.Unit]) -> bytes:
        labels = [unit.members[person]["label"] if person in unit.members else "" for unit in things for person in people]
        asked: dict[tuple[int, Any], list[tuple[int, Any]]] = {}
        if any(thing.get("attributes") for unit in things for thing in unit.members.values()):
            for who, thing, value, about in boxes.attributes(things, self.schema):
                number: Any = thing
                asked.setdefault((number[1], about), []).append((people.index(int(str(who))), sorted(value) if isinstance(value, frozenset) else value))
        attributes = [[number, *about, [place for place, _ in rows], [value for _, value in rows]] for (number, about), rows in asked.items()]
        return self._told(people, given, labels, attributes)


def _plainly(items: Sequence[Sequence[Sequence[dict[str, Any]]]]) -> list[list[str] | None]:
    """The labels of each item, given as objects of each of its people, where these are plain boxes; None of others."""
    plain = Plain(items)
    people = np.diff(plain.sides)
    until = np.array(plain.until, dtype=np.intp)
    sizes = np.diff(until) * people  # labels of each item
    first = np.cumsum(sizes) - sizes
    cluster = np.zeros(len(plain.things), dtype=np.intp)
    cluster[plain.order] = np.repeat(np.arange(len(plain.starts)), np.diff(np.r_[plain.starts, len(plain.order)]))
    labels = [""] * int(sizes.sum())
    for at, thing in zip((first[plain.item] + (cluster - until[plain.item]) * people[plain.item] + plain.place).tolist(), plain.things, strict=True):
        labels[at] = thing["label"]
    found: list[list[str] | None] = [None] * len(items)
    for place, start, size in zip(plain.of.tolist(), first.tolist(), sizes.tolist(), strict=True):
        found[place] = labels[start : start + size]
    return found

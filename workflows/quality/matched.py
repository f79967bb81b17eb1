"""What of the overlapping answers of items is compared, found by matching: pure, so that a process beside the job can do it.

A part is JSON: [people, labels, questions, attributes]. `labels` has for each thing that anybody drew one label
a person, in their order, "" of who did not draw it; a question is [name, a value for each person]; an attribute [thing, label, name,
places of people, their values].
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import orjson

from workflows.quality.agreement import boxes
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
        drawn: Any = [(row.item, {person: document.get("objects") or [] for person, document in zip(row.people, given, strict=True)}) for row, given in zip(rows, said, strict=True)]
        pictures: Any = {row.item: row.picture for row in rows if row.picture}
        units: dict[Hashable, list[boxes.Unit]] = {}
        for unit in boxes.units(drawn, self.schema, pictures=pictures):
            units.setdefault(unit.item, []).append(unit)
        return [self._part(row.people, given, units.get(row.item, [])) for row, given in zip(rows, said, strict=True)]

    def _part(self, people: Sequence[int], given: Sequence[dict[str, Any]], things: Sequence[boxes.Unit]) -> bytes:
        labels = [unit.members[person]["label"] if person in unit.members else "" for unit in things for person in people]
        questions = [[name, [(document.get("item") or {}).get(name, self.meant.get(name)) for document in given]] for name in self.named]
        asked_of = [row for row in questions if any(value is not None for value in row[1])]
        asked: dict[tuple[int, Any], list[tuple[int, Any]]] = {}
        if any(thing.get("attributes") for unit in things for thing in unit.members.values()):
            for who, thing, value, about in boxes.attributes(things, self.schema):
                number: Any = thing
                asked.setdefault((number[1], about), []).append((people.index(int(str(who))), sorted(value) if isinstance(value, frozenset) else value))
        attributes = [[number, *about, [place for place, _ in rows], [value for _, value in rows]] for (number, about), rows in asked.items()]
        return orjson.dumps([people, labels, asked_of, attributes])

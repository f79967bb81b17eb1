"""Predictions against what a version froze, a few hundred items at a time, into tallies. Pure.

Objects from the threshold on are matched by the one matcher of the house; average precision takes all of them, in COCO's own way
(`precise`). Answers about the item are compared by option.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from annotate.labels.schema import Attribute, Schema
from workflows.evaluations import precise
from workflows.evaluations.gathering import Seen
from workflows.evaluations.lines import options
from workflows.evaluations.suspecting import Suspecting
from workflows.evaluations.tallies import Tally
from workflows.quality.evaluation.told import Told, told_of_many
from workflows.quality.matching.likeness import AREAS
from workflows.quality.matching.overlap import Kept
from workflows.quality.matching.spans import span_pairs
from workflows.releases.rows import Row

Thing = dict[str, Any]
Said = Mapping[str, Any]
LEAST_CHANCE = 1e-15  # so that one sure mistake is no infinite loss
PAIRS = 1 << 20  # of objects that are compared together: what is held does not grow with crowded pictures
NOTHING: Said = {"objects": [], "item": {}, "chances": {}}


@dataclass(frozen=True)
class Settings:
    """`threshold`: from which score on a prediction counts as said; `confident`: from which on it speaks against a label; `empty`: of an
    item without a line the model said that there is nothing."""

    threshold: float = 0.5
    confident: float = 0.8
    empty: bool = False


class Measure:
    """Takes items in turn; `suspecting` collects what speaks against their labels."""

    def __init__(self, schema: Schema, seen: Seen, settings: Settings) -> None:
        self.schema, self.settings, self._seen = schema, settings, seen
        self.objects = bool(seen.objects) or not seen.answers
        self.families = precise.families_of(seen.kinds, not seen.objects)
        self.spans = bool(seen.kinds["span"])
        self.answers = {name: schema.item[name] for name in sorted(seen.answers) if schema.item[name].type in ("choice", "bool")}
        self.chances = {name: options(self.answers[name]) for name in sorted(seen.chances) if name in self.answers}
        self.suspecting = Suspecting(settings.confident, self.chances, len(schema.labels))
        self._document = schema.document if seen.attributes else None

    def take(self, rows: Sequence[tuple[Row, Said]], tallies: Sequence[Sequence[Tally]]) -> None:
        """Each item with what is said of it, and the tallies that it counts in."""
        truths: list[list[Thing]] = []
        for (row, said), into in zip(rows, tallies, strict=True):
            document = orjson.loads(row.document)
            for one in into:
                one.items += 1
            self._answered(row, document.get("item") or {}, said, into)
            truths.append(self._truth(document))
        if self.objects:
            for start, end in _stretches([len(truth) * len(said["objects"]) for truth, (_row, said) in zip(truths, rows, strict=True)]):
                self._drawn(rows[start:end], truths[start:end], tallies[start:end])

    def _truth(self, document: Mapping[str, Any]) -> list[Thing]:
        found = [_kept(thing) for thing in document.get("objects") or () if thing["kind"] != "relation"]
        if not self._seen.attributes:
            for thing in found:
                thing.pop("attributes", None)  # of which the model says nothing
        return found

    def _drawn(self, rows: Sequence[tuple[Row, Said]], truths: Sequence[list[Thing]], tallies: Sequence[Sequence[Tally]]) -> None:
        every = [[_kept(thing) for thing in said["objects"]] for _row, said in rows]
        given = [[thing for thing in things if thing["score"] >= self.settings.threshold] for things in every]
        sizes = [float((row.width or 0) * (row.height or 0)) for row, _said in rows]
        sides = list(zip(truths, given, sizes, strict=True))
        for family in self.families:
            precise.measure(family, truths, every, sizes, tallies)
        for told, (row, _said), (truth, found, size), things, into in zip(told_of_many(sides, self._document), rows, sides, every, tallies, strict=True):
            for one in told:
                for tally in into:
                    tally.things[_name(one)] += 1
            if self.spans:
                self._entities(truth, found, into)
            self.suspecting.look(row.item_id, told, truth, found, things, size)

    def _entities(self, truth: Sequence[Thing], found: Sequence[Thing], into: Sequence[Tally]) -> None:
        sides = [[thing for thing in side if thing["kind"] == "span"] for side in (truth, found)]
        counts: dict[str, list[int]] = {}
        for place, side in enumerate(sides):
            for thing in side:
                counts.setdefault(thing["label"], [0, 0, 0, 0])[place] += 1
        for place, (mine, _theirs) in enumerate(span_pairs(*sides), 2):
            for at in mine.tolist():
                counts[sides[0][at]["label"]][place] += 1
        for label, found_of in counts.items():
            for tally in into:
                tally.span(label, found_of)

    def _answered(self, row: Row, truth: Mapping[str, Any], said: Said, into: Sequence[Tally]) -> None:
        for name, attribute in self.answers.items():
            meant, chances = _option(attribute, truth.get(name)), said["chances"].get(name)
            if chances is not None:
                given: Any = max(options(attribute), key=lambda option: chances.get(option, 0.0))  # of equals the first in the schema
            else:
                given = _option(attribute, said["item"].get(name))
            if meant is None or (given is None and not self.settings.empty):
                continue
            loss = None if chances is None else -math.log(max(chances.get(meant, 0.0), LEAST_CHANCE))
            for tally in into:
                tally.answer(name, meant, given, loss)
            if chances is not None:
                self.suspecting.weigh(row.item_id, name, meant, chances)


def _kept(thing: Thing) -> Thing:
    """A box is measured as soon as it is seen; of all else it is kept."""
    return thing if thing["kind"] not in AREAS or (thing["kind"] == "box" and not thing.get("rotation")) else Kept(thing)


def _stretches(pairs: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(start, end) of stretches of items whose pairs can be held together; one item at least."""
    start = held = 0
    for place, count in enumerate(pairs):
        if held and held + count > PAIRS:
            yield start, place
            start, held = place, 0
        held += count
    if start < len(pairs):
        yield start, len(pairs)


def _name(one: Told) -> tuple[str | None, str | None, str]:
    return (None if one.meant is None else str(one.meant)), (None if one.given is None else str(one.given)), one.fault


def _option(attribute: Attribute, value: Any) -> Any:
    if value is None:
        return None
    if attribute.type == "bool":
        return "true" if value else "false"
    return tuple(sorted(value)) if attribute.multiple else value

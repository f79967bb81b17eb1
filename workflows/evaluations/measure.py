"""Predictions against what a version froze, a few hundred items at a time, into tallies. Pure.

Objects from the threshold on are matched by the one matcher of the house; average precision takes all of them, in COCO's own way: boxes by
the bounds of whatever covers an area, and polygons and masks among themselves. Answers about the item are compared by option.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from annotate.labels.schema import Attribute, Schema
from workflows.evaluations.gathering import Seen
from workflows.evaluations.lines import options
from workflows.evaluations.suspecting import Suspecting
from workflows.evaluations.tallies import Tally
from workflows.quality.evaluation.coco import overlaps
from workflows.quality.evaluation.precision import leading, picture
from workflows.quality.evaluation.told import Told, told_of_many
from workflows.quality.matching.likeness import AREAS
from workflows.quality.matching.overlap import Area, Overlaps
from workflows.quality.matching.spans import span_pairs
from workflows.releases.rows import Row

Thing = dict[str, Any]
Said = Mapping[str, Any]
LEAST_CHANCE = 1e-15  # so that one sure mistake is no infinite loss
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
        areas = sum(seen.kinds[kind] for kind in AREAS)
        self.families = [*(["box"] if areas or not seen.objects else []), *(["segment"] if seen.kinds["polygon"] or seen.kinds["mask"] else [])]
        self.spans = bool(seen.kinds["span"])
        self.answers = {name: schema.item[name] for name in sorted(seen.answers) if schema.item[name].type in ("choice", "bool")}
        self.chances = {name: options(self.answers[name]) for name in sorted(seen.chances) if name in self.answers}
        self.suspecting = Suspecting(settings.confident, self.chances, len(schema.labels))
        self._document = schema.document if seen.attributes else None

    def take(self, rows: Sequence[tuple[Row, Said]], tallies: Sequence[Sequence[Tally]]) -> None:
        """Each item with what is said of it, and the tallies that it counts in."""
        documents = [orjson.loads(row.document) for row, _said in rows]
        for (row, said), document, into in zip(rows, documents, tallies, strict=True):
            for one in into:
                one.items += 1
            self._answered(row, document.get("item") or {}, said, into)
        if self.objects:
            self._drawn(rows, [self._truth(document) for document in documents], tallies)

    def _truth(self, document: Mapping[str, Any]) -> list[Thing]:
        found = [thing for thing in document.get("objects") or () if thing["kind"] != "relation"]
        if self._seen.attributes:
            return found
        return [{name: value for name, value in thing.items() if name != "attributes"} for thing in found]  # of which the model says nothing

    def _drawn(self, rows: Sequence[tuple[Row, Said]], truths: Sequence[list[Thing]], tallies: Sequence[Sequence[Tally]]) -> None:
        given = [[thing for thing in said["objects"] if thing["score"] >= self.settings.threshold] for _row, said in rows]
        sides = [(truth, found, float((row.width or 0) * (row.height or 0))) for (row, _said), truth, found in zip(rows, truths, given, strict=True)]
        for told, (row, said), (truth, found, size), into in zip(told_of_many(sides, self._document), rows, sides, tallies, strict=True):
            for one in told:
                for tally in into:
                    tally.things[_name(one)] += 1
            self._precise(truth, said["objects"], into)
            if self.spans:
                self._entities(truth, found, into)
            self.suspecting.look(row.item_id, told, truth, found, said["objects"], size)

    def _precise(self, truth: Sequence[Thing], found: Sequence[Thing], into: Sequence[Tally]) -> None:
        for family in self.families:
            kinds = AREAS if family == "box" else AREAS[1:]
            mine, theirs = _by_label(truth, kinds), _by_label(found, kinds)
            for label in mine.keys() | theirs.keys():
                things = theirs.get(label, [])
                order = leading([thing["score"] for thing in things])
                some = [things[place] for place in order]
                compare = _boxes if family == "box" else _segments
                made = picture([thing["score"] for thing in some], *compare(some, mine.get(label, [])))
                for tally in into:
                    tally.area(family, label, made)

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


def _name(one: Told) -> tuple[str | None, str | None, str]:
    return (None if one.meant is None else str(one.meant)), (None if one.given is None else str(one.given)), one.fault


def _option(attribute: Attribute, value: Any) -> Any:
    if value is None:
        return None
    if attribute.type == "bool":
        return "true" if value else "false"
    return tuple(sorted(value)) if attribute.multiple else value


def _by_label(things: Sequence[Thing], kinds: Sequence[str]) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for thing in things:
        if thing["kind"] in kinds:
            found.setdefault(thing["label"], []).append(thing)
    return found


def _bounds(things: Sequence[Thing]) -> Iterator[tuple[float, float, float, float]]:
    for thing in things:
        if thing["kind"] == "box":
            yield tuple(thing["box"])
        else:
            left, top, right, bottom = Area(thing).bounds
            yield left, top, right - left, bottom - top


def _boxes(found: Sequence[Thing], truth: Sequence[Thing]) -> tuple[Any, Any, Any]:
    """(overlaps, sizes of what was found, sizes of the truths); turned boxes as they lie, all else by its bounds."""
    sizes = np.array([Area(thing).size for thing in truth], dtype=np.float64)
    sides = [np.array(list(_bounds(side)), dtype=np.float64).reshape(-1, 4) for side in (found, truth)]
    own = sides[0][:, 2] * sides[0][:, 3]
    if any(thing.get("rotation") for thing in (*found, *truth)):
        turned = [[{"kind": "box", "box": box, "rotation": thing.get("rotation", 0)} for box, thing in zip(side.tolist(), of, strict=True)] for side, of in zip(sides, (found, truth), strict=True)]
        return _every(turned[0], turned[1]), own, sizes
    return overlaps(sides[0], sides[1]), own, sizes


def _segments(found: Sequence[Thing], truth: Sequence[Thing]) -> tuple[Any, Any, Any]:
    sizes = [np.array([Area(thing).size for thing in side], dtype=np.float64) for side in (found, truth)]
    return _every(found, truth), sizes[0], sizes[1]


def _every(found: Sequence[Thing], truth: Sequence[Thing]) -> Any:
    """(D, G) intersection over union; 0 also where it does not come to a half, which is of no account."""
    if not found or not truth:
        return np.zeros((len(found), len(truth)))
    rows, columns = (side.ravel() for side in np.indices((len(found), len(truth))))
    return Overlaps(found, truth, 0.5)(rows, columns).reshape(len(found), len(truth))

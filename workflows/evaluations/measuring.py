"""Predictions measured on a version's frozen rows: read in key order, a few hundred at a time, each counted where it belongs.

Slices are the project's saved queries, asked of the items as they are while it is measured; values of a field (`by`) are those that the
version froze. Memory grows with detections (19 bytes each, 13 in each slice), not with items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from annotate.items.models import Item
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from annotate.search.compile import compile_query
from workflows.evaluations import reporting
from workflows.evaluations.asked import LEAST, Asked
from workflows.evaluations.gathering import Predictions
from workflows.evaluations.lines import options
from workflows.evaluations.measure import NOTHING, Measure, Settings
from workflows.evaluations.suspecting import KINDS, Suspect
from workflows.evaluations.tallies import Tally
from workflows.releases import reading
from workflows.releases.models import Slice, Version
from workflows.releases.rows import Row

CHUNK = 256
MOST_SLICES = 20
MOST_VALUES = 1000  # of a field that are told apart while it is measured; 100 are shown
SHOWN_VALUES = 100
OTHERS = "\x00others"
Numbered = tuple[int, Row]


@dataclass
class Counts:
    """Items of the version, or of its split: how many there are, how many a line speaks of; `elsewhere`: lines of its other splits."""

    items: int = 0
    covered: int = 0
    elsewhere: int = 0


@dataclass
class Scopes:
    """The tallies: of all items, of each slice, of each value of each field."""

    whole: Tally = field(default_factory=lambda: Tally(fine=True))
    slices: dict[int, Tally] = field(default_factory=dict)
    values: dict[str, dict[str, Tally]] = field(default_factory=dict)


def measured(version: Version, found: Predictions, asked: Asked, schema: Schema, say: Callable[[int], None]) -> tuple[dict[str, Any], list[Suspect]]:
    """(the report, the suspects in order). `say(n)`: how many rows of the version were looked at."""
    measure = Measure(schema, found.seen, Settings(asked.threshold, asked.confident, asked.uncovered == "empty"))
    slices = list(Slice.objects.filter(project=version.dataset.project_id).order_by("pk")[:MOST_SLICES])
    scopes = Scopes(slices={one.pk: Tally() for one in slices}, values={name: {} for name in asked.by})
    counts = Counts()
    asking = [(one.pk, condition) for one in slices if (condition := _condition(one)) is not None]
    numbered, done = enumerate(reading.rows(version), start=1), 0
    while rows := list(islice(numbered, CHUNK)):
        done += len(rows)
        some = list(_spoken_of(rows, found, asked, counts))
        within = _within([row.item_id for row, _said in some], asking)
        measure.take(some, [_places(row, within, scopes, asked) for row, _said in some])
        say(done)
    suspects = measure.suspecting.ranked()
    return _report(asked, schema, measure, scopes, counts, slices, found, suspects), suspects


def _condition(one: Slice) -> Any:
    """The slice's query; None of one that cannot be asked any more."""
    try:
        return compile_query(one.q, one.project_id)
    except Invalid:
        return None


def _spoken_of(rows: Sequence[Numbered], found: Predictions, asked: Asked, counts: Counts) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    """Living items of the split with what is said of them; of those without a line, that there is nothing, when it was told so."""
    living = [(number, row) for number, row in rows if not row.erased]
    here = [(number, row) for number, row in living if not asked.split or row.split == asked.split]
    before = int(found.used.sum())
    elsewhere = [(number, row) for number, row in living if asked.split and row.split != asked.split]
    found.mark([row.key for _number, row in elsewhere], [number for number, _row in elsewhere])
    counts.elsewhere += int(found.used.sum()) - before
    for (_number, row), said in zip(here, found.of([row.key for _number, row in here], [number for number, _row in here]), strict=True):
        counts.items += 1
        counts.covered += said is not None
        if said is not None:
            yield row, said
        elif asked.uncovered == "empty":
            yield row, NOTHING


def _within(ids: list[int], asking: Sequence[tuple[int, Any]]) -> dict[int, list[int]]:
    """Item → slices that it is in now."""
    found: dict[int, list[int]] = {}
    for slice_id, condition in asking if ids else ():
        for item in Item.objects.filter(condition, pk__in=ids).exclude(state="erased").values_list("pk", flat=True).distinct():
            found.setdefault(item, []).append(slice_id)
    return found


def _places(row: Row, within: Mapping[int, list[int]], scopes: Scopes, asked: Asked) -> list[Tally]:
    into = [scopes.whole, *(scopes.slices[one] for one in within.get(row.item_id, ()))]
    for name in asked.by:
        kept = scopes.values[name]
        for value in _values(row, name):
            into.append(kept[value] if value in kept else kept.setdefault(value if len(kept) < MOST_VALUES else OTHERS, Tally()))
    return into


def _values(row: Row, name: str) -> list[str]:
    """What the row froze under a field; "" for nothing. An answer of several options counts in each."""
    if name in ("batch", "split", "group"):
        return [str(getattr(row, name))]
    of, _dot, key = name.partition(".")
    value = row.meta.get(key) if of == "meta" else (orjson.loads(row.document).get("item") or {}).get(key)
    if isinstance(value, list):
        return [_text(one) for one in value] or [""]
    return [_text(value)]


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value[:200] if isinstance(value, str) else orjson.dumps(value).decode()[:200]


def _report(
    asked: Asked, schema: Schema, measure: Measure, scopes: Scopes, counts: Counts, slices: Sequence[Slice], found: Predictions, suspects: Sequence[Suspect]
) -> dict[str, Any]:
    seen, questions = found.seen, {name: options(attribute) for name, attribute in measure.answers.items()}
    families = measure.families if measure.objects else []
    kept = Counter(one.kind for one in suspects)

    def part(tally: Tally) -> dict[str, Any]:
        return reporting.part(tally, families, questions, objects=measure.objects) | ({} if tally.items >= LEAST else {"why": "not_enough"})

    made: dict[str, Any] = {
        "settings": asked.settings(),
        "items": {"version": counts.items, "covered": counts.covered, "measured": scopes.whole.items},
        "lines": {"lines": seen.lines, "unknown_keys": int((~found.used).sum()), "other_splits": counts.elsewhere},
        "predictions": {"objects": seen.objects, "with_score": seen.scored, "without_area": seen.flat, "unknown_labels": dict(sorted(seen.unknown.items())[:100])},
    }
    made |= reporting.whole(scopes.whole, families, questions, list(schema.labels), objects=measure.objects)
    made["slices"] = [{"slice": one.pk, "name": one.name, **part(scopes.slices[one.pk])} for one in slices]
    made["by"] = [_by(name, scopes.values[name], part) for name in asked.by]
    made["suspects"] = {kind: {"found": measure.suspecting.counts[kind], "kept": kept[kind]} for kind in KINDS}
    made["not_measured"] = _unmeasured(measure, schema, seen.answers)
    return made


def _by(name: str, values: Mapping[str, Tally], part: Callable[[Tally], dict[str, Any]]) -> dict[str, Any]:
    """The values with enough items by name; the others together, unnamed: what few items have could tell of an item that was erased."""
    order = sorted((value for value, tally in values.items() if value != OTHERS and tally.items >= LEAST), key=lambda value: (-values[value].items, value))[:SHOWN_VALUES]
    rest = [tally for value, tally in values.items() if value not in order]
    return {"field": name, "values": [{"value": value, **part(values[value])} for value in order], "others": {"values": len(rest), "items": sum(tally.items for tally in rest)}}


def _unmeasured(measure: Measure, schema: Schema, said: set[str]) -> list[dict[str, str]]:
    """What was said and is not measured, and why."""
    found = [{"what": f"item.{name}", "why": "not_a_choice"} for name in sorted(said) if schema.item[name].type not in ("choice", "bool")]
    found += [{"what": f"suspects.item.{name}", "why": "no_probabilities"} for name in measure.answers if name not in measure.suspecting.unmeasured() and name not in measure.chances]
    return found + [{"what": f"suspects.item.{name}", "why": why} for name, why in measure.suspecting.unmeasured().items()]

"""One line of predictions: what a model says of one item, in the annotation's own form with a score for each object. Pure.

    {"key": "a.jpg", "objects": [{"label": "car", "box": [x, y, w, h], "score": 0.93}, …],
     "item": {"weather": {"rain": 0.9, "clear": 0.1}, "usable": true}}

`kind` may be left out where the shape says it (box, rle, start). A prediction may lie partly outside its picture; what has no area, and
labels that the schema does not have, are counted and left out. An answer about the item is a value, or the probabilities of its options.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotate.kernel.canonical import check_text
from annotate.kernel.errors import Invalid
from annotate.labels.objects import CHECKS, LARGEST, Fault, Frame, values
from annotate.labels.schema import Attribute, Schema, fault_of

MOST_OBJECTS = 20_000
LONGEST_KEY = 1024
SLACK = 1e-3  # what a sum may be off 1: models print few digits
FIELDS = ("key", "objects", "item")
_TOLD = frozenset(("id", "kind", "label", "score", "attributes", "source", "model", "track"))
_SHAPES: dict[str, frozenset[str]] = {
    "box": frozenset(("box", "rotation")),
    "polygon": frozenset(("points", "holes")),
    "polyline": frozenset(("points",)),
    "keypoints": frozenset(("points",)),
    "point": frozenset(("points",)),
    "mask": frozenset(("rle",)),
    "span": frozenset(("start", "end", "text")),
}
_KNOWN_BY = {"box": "box", "rle": "mask", "start": "span"}
_NOWHERE = Frame(None, None, None)


@dataclass
class Line:
    """`objects` are sound, each with "kind", "label", "score" (1 where none was given) and its shape; `item` values by attribute, `chances`
    probabilities by attribute and option. `unknown` counts labels that the schema does not have, `flat` objects without area;
    `scored` how many objects came with a score."""

    key: str
    objects: list[dict[str, Any]] = field(default_factory=list)
    item: dict[str, Any] = field(default_factory=dict)
    chances: dict[str, dict[str, float]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    flat: int = 0
    scored: int = 0


def refusal(place: str, why: str) -> Invalid:
    return Invalid(f"{place}: {why}", code="bad_field", fields={place: why})


def check(value: Any, schema: Schema) -> Line:
    """The line of a JSON value; `Invalid` names the place in it of what is wrong."""
    if not isinstance(value, dict):
        why = "a line is a JSON object with key and objects or item"
        raise Invalid(why, code="bad_field", fields={"": why})
    for name in value:
        if name not in FIELDS:
            raise refusal(check_text(str(name))[:60], f"there is no such field; there are {', '.join(FIELDS)}")
    line = Line(key_of(value.get("key"), "key"))
    objects = value.get("objects", [])
    if not isinstance(objects, list) or len(objects) > MOST_OBJECTS:
        raise refusal("objects", f"must be a list of at most {MOST_OBJECTS} objects")
    for place, one in enumerate(objects):
        take(line, one, schema, f"objects[{place}]")
    item = value.get("item")
    if item is not None and not isinstance(item, dict):
        raise refusal("item", "must be an object of names and values")
    for name, said in (item or {}).items():
        if said is not None:
            _answer(line, name, said, schema)
    return line


def key_of(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value or len(value) > LONGEST_KEY:
        raise refusal(place, f"must be an item's key, 1 to {LONGEST_KEY} characters")
    return value


def score_of(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise refusal(place, "must be a number from 0 to 1")
    return float(value)


def take(line: Line, source: Any, schema: Schema, place: str) -> None:
    """Adds an object to the line, or counts why it is left out."""
    if not isinstance(source, dict):
        raise refusal(place, "must be an object")
    kind = source.get("kind") or next((name for field, name in _KNOWN_BY.items() if field in source), None)
    if kind not in _SHAPES:
        raise refusal(f"{place}.kind", f"must be one of {', '.join(_SHAPES)}")
    unknown = sorted(str(name) for name in source.keys() - _TOLD - _SHAPES[kind])
    if unknown:
        raise refusal(f"{place}.{unknown[0][:60]}", f"there is no such field in a predicted {kind}")
    name = source.get("label")
    if not isinstance(name, str) or not name:
        raise refusal(f"{place}.label", "must be a label")
    made: dict[str, Any] = {"kind": kind, "label": name, "score": 1.0}
    if source.get("score") is not None:
        made["score"] = score_of(source["score"], f"{place}.score")
    label = schema.labels.get(name)
    if label is None:
        line.unknown[name[:100]] += 1
        return
    try:
        made |= _box(source) if kind == "box" else CHECKS[kind](source, label, _NOWHERE)
    except Fault as fault:
        if fault.code == "zero_area":
            line.flat += 1
            return
        raise refusal(f"{place}.{fault.at}", fault.why) from fault
    if kind == "keypoints":  # where it says that a hidden point is, for that counts wherever the truth shows one
        made["points"] = [[*raw[:2], 0] if not point[2] else point for raw, point in zip(source["points"], made["points"], strict=True)]
    kept, wrong = values(source.get("attributes"), label.attributes, demand=False)
    for attribute, why in wrong.items():
        raise refusal(f"{place}.attributes.{attribute}" if attribute else f"{place}.attributes", why)
    if kept:
        made["attributes"] = kept
    line.scored += source.get("score") is not None
    line.objects.append(made)


def _box(source: Mapping[str, Any]) -> dict[str, Any]:
    raw = source.get("box")
    numbers = isinstance(raw, list) and len(raw) == 4 and all(_finite(value) for value in raw)
    if not numbers or not isinstance(raw, list) or raw[2] < 0 or raw[3] < 0:
        raise Fault("box", "bad_box", "must be [x, y, width, height], finite, width and height not below 0")
    turn = source.get("rotation", 0)
    if not _finite(turn):
        raise Fault("rotation", "not_a_number", "must be a number of degrees")
    return {"box": raw} | ({"rotation": turn} if turn % 360 else {})


def _finite(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and -LARGEST <= value <= LARGEST


def _answer(line: Line, name: str, said: Any, schema: Schema) -> None:
    place = f"item.{name[:60]}"
    attribute = schema.item.get(name)
    if attribute is None:
        raise refusal(place, f"the version's schema has no such attribute of the item; there are {', '.join(list(schema.item)[:20]) or 'none'}")
    if isinstance(said, dict):
        line.chances[name] = _chances(attribute, said, place)
    elif why := fault_of(attribute, said):
        raise refusal(place, why)
    else:
        line.item[name] = said


def options(attribute: Attribute) -> tuple[str, ...]:
    """What may be said of an attribute, by name: "true" and "false" of a yes or no."""
    return ("true", "false") if attribute.type == "bool" else attribute.options


def _chances(attribute: Attribute, said: dict[str, Any], place: str) -> dict[str, float]:
    if attribute.type not in ("choice", "bool") or attribute.multiple:
        raise refusal(place, "probabilities are given of a choice of one option, or of true and false")
    known = options(attribute)
    if not said:
        raise refusal(place, "must map options to their probabilities")
    for option, chance in said.items():
        if option not in known:
            raise refusal(f"{place}.{option[:60]}", f"is no option of it; there are {', '.join(known[:20])}")
        score_of(chance, f"{place}.{option[:60]}")
    total = math.fsum(said.values())
    if abs(total - 1) > SLACK:
        raise refusal(place, f"the probabilities sum to {total:g}, not to 1")
    return {option: float(chance) for option, chance in said.items()}

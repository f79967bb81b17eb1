"""Facts of every object of an annotation: measured once per revision, so that rules with whatever thresholds only read arrays.

One record per object, in the order of the document. A number that is not known or that the kind does not have is NaN, or -1 where
`rules.columns.OBJECTS` says so. No document makes it fail: an object that is broken has a record that says little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.kernel.errors import Invalid
from annotate.labels.schema import Attribute, Schema, parse
from workflows.cleaning.measures.keypoints import Room, strays
from workflows.cleaning.measures.outlines import NAN, Outline, outline
from workflows.cleaning.measures.overlaps import Best, Part
from workflows.cleaning.measures.spans import UNKNOWN, misquoted

VERSION = 1
KINDS = ("box", "polygon", "polyline", "keypoints", "point", "mask", "span", "relation")  # the place is what is stored; grow at the end
LONGEST = 1 << 50  # of any text
OTHER = 255  # the kind of an object of none of these
COVERING = frozenset(KINDS.index(kind) for kind in ("box", "polygon", "mask"))
RECORD = np.dtype(
    [
        ("label", "<u8"),
        ("kind", "u1"),
        ("w", "<f4"),
        ("h", "<f4"),
        ("area", "<f4"),
        ("share", "<f4"),
        ("outside", "<f4"),
        ("same", "<f4"),
        ("other", "<f4"),
        ("twin", "<i4"),
        ("rival", "<i4"),
        ("points", "<i4"),
        ("crosses", "?"),
        ("strays", "<i4"),
        ("misquoted", "i1"),
        ("lacks", "<i4"),
    ]
)
_PLACES = {kind: place for place, kind in enumerate(KINDS)}
_BROKEN = (KeyError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError)
_schemas: dict[int, tuple[Any, dict[int, Demands]]] = {}
Demands = tuple[Attribute, ...]


def measure(document: Any, schema: Any, *, width: float | None, height: float | None, text: str | None) -> NDArray[np.void]:
    """The records of the document's objects.

    `schema`: the schema document that the annotation names, or what `labels.schema.parse` made of it. `width` and `height` are of the upright picture
    and `text` is the item's, None where there is none or it is not known.
    """
    objects = document.get("objects") if isinstance(document, dict) else None
    if not isinstance(objects, list) or not objects:
        return np.empty(0, RECORD)
    demands = _demands(schema)
    things = [thing if isinstance(thing, dict) else {} for thing in objects]
    outlines = [outline(thing) for thing in things]
    digests = [label_digest(thing.get("label")) for thing in things]
    best = _best(things, outlines, digests)
    pixels = width * height if width and height else None
    rooms: list[Room] | None = None
    rows = []
    for place, (thing, found) in enumerate(zip(things, outlines, strict=True)):
        w, h, area, bounds, points, crosses, _ = found
        kind = thing.get("kind")
        stray, quoted = -1, UNKNOWN
        if kind == "keypoints":
            rooms = _rooms(things, outlines, digests) if rooms is None else rooms
            stray = _strays(thing, digests[place], rooms)
        elif kind == "span":
            quoted = misquoted(thing, text)
        asked = demands.get(digests[place]) if demands and kind != "relation" else None
        rows.append(
            (
                digests[place],
                _PLACES.get(kind, OTHER) if isinstance(kind, str) else OTHER,
                w,
                h,
                area,
                area / pixels if pixels else NAN,
                _outside(bounds, width, height),
                best.same[place],
                best.other[place],
                best.twin[place],
                best.rival[place],
                points,
                crosses,
                stray,
                quoted,
                _lacks(asked, thing.get("attributes")) if asked else 0,
            )
        )
    with np.errstate(all="ignore"):
        return np.array(rows, dtype=RECORD)


def pack(records: NDArray[np.void]) -> bytes:
    """The records as they are stored, `RECORD.itemsize` bytes each."""
    return records.tobytes()


def label_digest(name: Any) -> int:
    """What stands for a label's name: the first 8 bytes of its sha256, big-endian; 0 for what is no name."""
    return _digest(name) if isinstance(name, str) else 0


@lru_cache(maxsize=10_000)
def _digest(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _best(things: list[dict[str, Any]], outlines: list[Outline], digests: list[int]) -> Best:
    best = Best(len(things))
    if len(things) == 1:
        return best
    areas, spans = [], []
    for place, found in enumerate(outlines):
        if found.bounds is not None and found.area > 0 and isfinite(sum(found.bounds)):
            areas.append(Part(place, digests[place], found.bounds, found.area, found.drawn))
        elif things[place].get("kind") == "span":
            start, end = things[place].get("start"), things[place].get("end")
            if isinstance(start, int) and isinstance(end, int) and 0 <= start < end < LONGEST:
                spans.append(Part(place, digests[place], (start, 0, end, 1), end - start))
    best.compare(areas)
    best.compare(spans)
    return best


def _rooms(things: list[dict[str, Any]], outlines: list[Outline], digests: list[int]) -> list[Room]:
    return [Room(found.bounds, digests[place], things[place].get("track")) for place, found in enumerate(outlines) if found.bounds is not None and found.area > 0]


def _strays(thing: dict[str, Any], label: int, rooms: list[Room]) -> int:
    try:
        return strays(thing["points"], label, thing.get("track"), rooms)
    except _BROKEN:
        return 0


def _outside(bounds: tuple[float, float, float, float] | None, width: float | None, height: float | None) -> float:
    """Pixels by which the object leaves the picture on the side where it does so most."""
    if bounds is None or width is None or height is None:
        return NAN
    left, top, right, bottom = bounds
    over = max(-left, -top, right - width, bottom - height)
    return over if over > 0 else 0.0 * over


def _lacks(asked: Demands, values: Any) -> int:
    """Required attributes that apply and have no value, by the same test as a submit's: a default is a value only once it is written down."""
    given = values if isinstance(values, Mapping) else {}
    return sum(given.get(attribute.name) in (None, "", []) and attribute.applies(given) for attribute in asked)


def _demands(schema: Any) -> dict[int, Demands]:
    """The required attributes by label, of labels that have some. Kept for the few schemas that a job meets."""
    kept = _schemas.get(id(schema))
    if kept is not None and kept[0] is schema:
        return kept[1]
    try:
        read = schema if isinstance(schema, Schema) else parse(schema)
        found = {name: tuple(one for one in label.attributes.values() if one.required) for name, label in read.labels.items()}
    except (Invalid, *_BROKEN):
        found = {}
    if len(_schemas) >= 64:
        _schemas.clear()
    _schemas[id(schema)] = (schema, {label_digest(name): asked for name, asked in found.items() if asked})  # kept whole, so that its id stays its own
    return _schemas[id(schema)][1]

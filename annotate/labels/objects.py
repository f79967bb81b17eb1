"""Objects one by one: is its shape a shape, does it lie in the picture, are its attributes values of the schema. Pure.

Each checker takes the object as it came and gives the normalised one, or raises `Fault` with a code that imports report.
Coordinates are pixels of the upright picture; text offsets are code points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annotate.labels.masks import area as mask_area
from annotate.labels.schema import Attribute, Label, Schema, fault_of

SLACK = 1.0  # pixels by which a shape may leave the picture: it is cut at the edge
LEAST = 1e-9
LARGEST = 1e15  # of any number: sums and products of such stay finite
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NUMBERS = frozenset((int, float))
_SOURCES = ("person", "prediction", "import", "interpolated")
_COMMON = frozenset(("id", "kind", "label", "attributes", "track", "source", "model", "score"))
_FIELDS: dict[str, frozenset[str]] = {
    "box": _COMMON | {"box", "rotation"},
    "polygon": _COMMON | {"points", "holes"},
    "polyline": _COMMON | {"points"},
    "keypoints": _COMMON | {"points"},
    "point": _COMMON | {"points"},
    "mask": _COMMON | {"rle"},
    "span": _COMMON | {"start", "end", "text"},
    "relation": _COMMON | {"from", "to"},
}


class Fault(Exception):
    """One object is wrong: `at` is the field below the object, `code` a stable word, `why` for a person."""

    def __init__(self, at: str, code: str, why: str) -> None:
        super().__init__(why)
        self.at, self.code, self.why = at, code, why


@dataclass(frozen=True)
class Frame:
    """What objects are measured against; None where it is not known (a reference without a size)."""

    width: float | None
    height: float | None
    text: str | None


def identifier(value: Any, at: str) -> str:
    """A UUID in lower case."""
    text = value.lower() if isinstance(value, str) else ""
    if not _UUID.fullmatch(text):
        raise Fault(at, "bad_id", "must be a UUID")
    return text


def _number(value: Any, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Fault(at, "not_a_number", "must be a number")
    if not -LARGEST <= value <= LARGEST:
        raise Fault(at, "not_finite", f"must be a finite number of at most {LARGEST:g}")
    return value


def _inside(value: float, size: float | None, at: str) -> float:
    """The coordinate, cut to the picture when it is out by at most a pixel."""
    if size is None or 0 <= value <= size:
        return value
    if value < -SLACK or value > size + SLACK:
        raise Fault(at, "outside", f"lies outside the picture (0 to {size:g})")
    return 0.0 if value < 0 else size


def _box(source: dict[str, Any], label: Label, frame: Frame) -> dict[str, Any]:
    raw = source.get("box")
    if not isinstance(raw, list) or len(raw) != 4:
        raise Fault("box", "bad_box", "must be [x, y, width, height]")
    x, y, w, h = raw
    if "rotation" not in source and {x.__class__, y.__class__, w.__class__, h.__class__} <= _NUMBERS:
        wide, high = frame.width, frame.height  # the plainest box, which imports bring by the million: wholly inside
        if w > LEAST and h > LEAST and x >= 0 and y >= 0 and x + w <= (LARGEST if wide is None else wide) and y + h <= (LARGEST if high is None else high):
            return {"box": [x, y, w, h]}
    x, y, w, h = (_number(value, "box") for value in raw)
    if w <= LEAST or h <= LEAST:
        raise Fault("box", "zero_area", f"has no area ({w:g} × {h:g})")
    rotation = _number(source.get("rotation", 0), "rotation")
    if not rotation % 360:
        left, top = _inside(x, frame.width, "box"), _inside(y, frame.height, "box")
        right, bottom = _inside(x + w, frame.width, "box"), _inside(y + h, frame.height, "box")
        if left != x or right != x + w:
            x, w = left, right - left
        if top != y or bottom != y + h:
            y, h = top, bottom - top
        if w <= LEAST or h <= LEAST:
            raise Fault("box", "outside", "lies outside the picture")
        return {"box": [x, y, w, h]}
    _inside(x + w / 2, frame.width, "box")  # a turned box may stick out at its corners; its centre may not
    _inside(y + h / 2, frame.height, "box")
    return {"box": [x, y, w, h], "rotation": rotation}


def _points(raw: Any, at: str, frame: Frame, least: int, what: str) -> list[list[float]]:
    if not isinstance(raw, list) or len(raw) < least:
        raise Fault(at, "too_few_points", f"must have at least {least} points, as a {what}")
    if len(raw) > 20_000:
        raise Fault(at, "too_many_points", "has more than 20,000 points")
    found = []
    for place in raw:
        if not isinstance(place, list) or len(place) != 2:
            raise Fault(at, "bad_point", "must be points [x, y]")
        found.append([_inside(_number(place[0], at), frame.width, at), _inside(_number(place[1], at), frame.height, at)])
    return found


def _ring(raw: Any, at: str, frame: Frame) -> list[list[float]]:
    points = _points(raw, at, frame, 3, "polygon")
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))
    if abs(twice) <= LEAST:
        raise Fault(at, "zero_area", "has no area")
    return points


def _polygon(source: dict[str, Any], label: Label, frame: Frame) -> dict[str, Any]:
    made: dict[str, Any] = {"points": _ring(source.get("points"), "points", frame)}
    holes = source.get("holes", [])
    if not isinstance(holes, list):
        raise Fault("holes", "bad_holes", "must be a list of rings")
    if holes:
        made["holes"] = [_ring(hole, "holes", frame) for hole in holes]
    return made


def _polyline(source: dict[str, Any], label: Label, frame: Frame) -> dict[str, Any]:
    return {"points": _points(source.get("points"), "points", frame, 2, "line")}


def _point(source: dict[str, Any], label: Label, frame: Frame) -> dict[str, Any]:
    points = _points(source.get("points"), "points", frame, 1, "point")
    if len(points) != 1:
        raise Fault("points", "too_many_points", "must be one point")
    return {"points": points}


def _keypoints(source: dict[str, Any], label: Label, frame: Frame) -> dict[str, Any]:
    raw = source.get("points")
    if not isinstance(raw, list) or not raw:
        raise Fault("points", "too_few_points", "must be points [x, y, v]")
    if label.points and len(raw) != len(label.points):
        raise Fault("points", "wrong_skeleton", f"must be the {len(label.points)} points of the skeleton")
    found: list[list[float]] = []
    for place in raw:
        if not isinstance(place, list) or len(place) != 3 or place[2] not in (0, 1, 2) or isinstance(place[2], bool):
            raise Fault("points", "bad_point", "must be points [x, y, v] with v 0, 1 or 2")
        x, y = _number(place[0], "points"), _number(place[1], "points")
        found.append([0, 0, 0] if place[2] == 0 else [_inside(x, frame.width, "points"), _inside(y, frame.height, "points"), int(place[2])])
    if not any(place[2] for place in found):
        raise Fault("points", "zero_area", "has no labelled point")
    return {"points": found}


def _mask(source: dict[str, Any], label: Label, frame: Frame) -> dict[str, Any]:
    rle = source.get("rle")
    size = rle.get("size") if isinstance(rle, dict) else None
    counts = rle.get("counts") if isinstance(rle, dict) else None
    if not (isinstance(size, list) and len(size) == 2 and all(type(side) is int and 0 < side <= 100_000 for side in size) and isinstance(counts, str)):
        raise Fault("rle", "bad_mask", "must be {size: [height, width], counts: COCO's compressed text}")
    if frame.width is not None and frame.height is not None and size != [int(frame.height), int(frame.width)]:
        raise Fault("rle", "wrong_size", f"must have the picture's size [{int(frame.height)}, {int(frame.width)}]")
    try:
        covered = mask_area(counts, size[0] * size[1])
    except ValueError as error:
        raise Fault("rle", "bad_mask", str(error)) from error
    if covered == 0:
        raise Fault("rle", "zero_area", "covers nothing")
    return {"rle": {"size": size, "counts": counts}}


def _span(source: dict[str, Any], label: Label, frame: Frame) -> dict[str, Any]:
    start, end = source.get("start"), source.get("end")
    if type(start) is not int or type(end) is not int or start < 0:
        raise Fault("start", "bad_span", "start and end must be whole numbers, counted in code points")
    if end <= start:
        raise Fault("end", "zero_area", "must come after start")
    if frame.text is not None and end > len(frame.text):
        raise Fault("end", "outside", f"lies outside the text (0 to {len(frame.text)})")
    made: dict[str, Any] = {"start": start, "end": end}
    quote = source.get("text")
    if quote is not None:
        if not isinstance(quote, str):
            raise Fault("text", "bad_span", "must be the quoted words")
        made["text"] = quote
    return made


CHECKS: dict[str, Callable[[dict[str, Any], Label, Frame], dict[str, Any]]] = {
    "box": _box,
    "polygon": _polygon,
    "polyline": _polyline,
    "keypoints": _keypoints,
    "point": _point,
    "mask": _mask,
    "span": _span,
}


def values(raw: Any, known: Mapping[str, Attribute], *, demand: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """(attribute values kept, name → what is wrong). `demand`: required ones that apply must be there."""
    if not known and not raw:
        return {}, {}
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        return {}, {"": "must be an object of names and values"}
    kept: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in raw.items():
        attribute = known.get(name)
        if attribute is None:
            wrong[name] = "the schema has no such attribute"
        elif value is None:
            continue
        elif why := fault_of(attribute, value):
            wrong[name] = why
        else:
            kept[name] = value
    if demand:
        for name, attribute in known.items():
            if attribute.required and kept.get(name) in (None, "", []) and name not in wrong and attribute.applies(kept):
                wrong[name] = "is required"
    return kept, wrong


def _origin(source: dict[str, Any], made: dict[str, Any]) -> None:
    """`track` and where the object came from: a word, or {kind, model, score}."""
    if source.get("track") is not None:
        made["track"] = identifier(source["track"], "track")
    origin = source.get("source")
    if isinstance(origin, dict):
        source = {**origin, **{name: source[name] for name in ("model", "score") if name in source}}
        origin = origin.get("kind")
    if origin is not None:
        if origin not in _SOURCES:
            raise Fault("source", "bad_source", f"must be one of {', '.join(_SOURCES)}")
        made["source"] = origin
    if source.get("model") is not None:
        if not isinstance(source["model"], str) or len(source["model"]) > 200:
            raise Fault("model", "bad_source", "must be a text of at most 200 characters")
        made["model"] = source["model"]
    if source.get("score") is not None:
        made["score"] = _number(source["score"], "score")


def checked(source: Any, schema: Schema, frame: Frame, *, demand: bool) -> dict[str, Any]:
    """The normalised object; `Fault` for the first thing wrong with it. Relations are checked among all objects."""
    if not isinstance(source, dict):
        raise Fault("", "not_an_object", "must be an object")
    made: dict[str, Any] = {"id": identifier(source.get("id"), "id"), "kind": source.get("kind")}
    kind, name = made["kind"], source.get("label")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise Fault("kind", "unknown_kind", f"must be one of {', '.join(_FIELDS)}")
    if not _FIELDS[kind].issuperset(source):
        unknown = source.keys() - _FIELDS[kind]
        raise Fault(sorted(unknown)[0], "unknown_field", f"there is no such field in a {kind}")
    made["label"] = name
    if kind == "relation":
        if not isinstance(name, str) or name not in schema.relations:
            raise Fault("label", "unknown_label", f"the schema has no relation {name!r}")
        made |= {"from": identifier(source.get("from"), "from"), "to": identifier(source.get("to"), "to")}
        _origin(source, made)
        return made
    label = schema.labels.get(name) if isinstance(name, str) else None
    if label is None:
        raise Fault("label", "unknown_label", f"the schema has no label {name!r}")
    if kind not in label.kinds:
        raise Fault("kind", "kind_not_allowed", f"{name} is drawn as {' or '.join(label.kinds)}")
    made |= CHECKS[kind](source, label, frame)
    if len(source) == 4 and len(made) == 4 and not (demand and label.attributes):
        return made  # id, kind, label and one shape: nothing more was said, and no attribute is asked for
    kept, wrong = values(source.get("attributes"), label.attributes, demand=demand)
    if wrong:
        attribute, why = next(iter(wrong.items()))
        raise Fault(f"attributes.{attribute}" if attribute else "attributes", "bad_attribute", why)
    if kept:
        made["attributes"] = kept
    _origin(source, made)
    return made

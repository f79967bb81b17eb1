"""COCO's list of results, `[{"image_id", "category_id", "bbox", "score", "segmentation"?}, …]`, read entry by entry. Pure.

An `image_id` that is a number is the picture's id in this server's COCO exports: its place in the order of keys, from 1. One that is a text
is the item's key, as are `file_name` and `key`. A `category_id` is the label's place in the schema, from 1, as in those exports;
`category` or `label` name it.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid
from annotate.labels.schema import Schema
from workflows.collection.importers import rle
from workflows.evaluations.lines import Line, key_of, refusal, take

CHUNK = 1 << 20
LONGEST = 8 * 1024**2  # characters of one entry
_FIELDS = frozenset(("image_id", "file_name", "key", "category_id", "category", "label", "bbox", "score", "segmentation", "keypoints", "id", "area", "iscrowd"))
_BLANK = " \t\r\n"


def entries(file: IO[bytes]) -> Iterator[Any]:
    """Every value of the JSON array in the file; `Invalid` where it is no array, or ends before its time."""
    decoder, parse = codecs.getincrementaldecoder("utf-8-sig")(), json.JSONDecoder()
    text, at, ended, begun, first = "", 0, False, False, True
    while True:
        while at < len(text) and text[at] in _BLANK:
            at += 1
        if at >= len(text) and not ended:
            text, at, ended = _more(file, decoder, "")
            continue
        if not begun:
            if text[at : at + 1] != "[":
                raise Invalid("COCO results are a JSON list", code="not_a_list")
            begun, at = True, at + 1
            continue
        mark = text[at : at + 1]
        if mark == "]":
            _nothing_after(file, text[at + 1 :])
            return
        if not first:
            if mark != ",":
                raise Invalid("the list of results ends before its time" if not mark else f"there must be a comma, not {mark!r}", code="not_json")
            first, at = True, at + 1
            continue
        try:
            value, end = parse.raw_decode(text, at)
            if end == len(text) and not ended:
                raise ValueError  # a number may go on
        except (ValueError, RecursionError) as error:
            if ended and at >= len(text):
                raise Invalid("the list of results ends before its time", code="not_json") from error
            if ended or len(text) - at > LONGEST or isinstance(error, RecursionError):
                raise Invalid(f"not JSON, or an entry longer than {LONGEST} characters: {str(error)[:120]}", code="not_json") from error
            text, at, ended = _more(file, decoder, text[at:])
            continue
        yield canonical.loads_strict(text[at:end]) if isinstance(value, dict) else value
        at, first = end, False


def _more(file: IO[bytes], decoder: Any, left: str) -> tuple[str, int, bool]:
    """What is left with at least as much again, so that a long entry is not begun anew for every chunk."""
    raw = file.read(max(CHUNK, len(left)))
    try:
        return left + decoder.decode(raw, final=not raw), 0, not raw
    except UnicodeDecodeError as error:
        raise Invalid("the file is not UTF-8", code="not_utf8") from error


def _nothing_after(file: IO[bytes], text: str) -> None:
    if text.strip() or file.read(CHUNK).strip():
        raise Invalid("there is something after the list of results", code="not_json")


def line_of(value: Any, schema: Schema) -> tuple[Line, int | None]:
    """(a line with the entry's object, the picture's number in our exports or None when the line names a key); `Invalid` names the field."""
    if not isinstance(value, dict):
        raise refusal("entry", "must be an object")
    for name in value:
        if name not in _FIELDS:
            raise refusal(str(name)[:60], f"there is no such field; there are {', '.join(sorted(_FIELDS))}")
    line, number = _whose(value)
    made = {"label": _label(value, schema), "score": value.get("score"), **_shape(value)}
    if made["score"] is None:
        raise refusal("score", "must be a number from 0 to 1")
    _take(line, made, schema)
    return line, number


def _take(line: Line, made: dict[str, Any], schema: Schema) -> None:
    try:
        take(line, made, schema, "entry")
    except Invalid as error:
        place, why = next(iter(error.fields.items()))
        raise refusal({"entry.box": "bbox", "entry.score": "score"}.get(place, place.removeprefix("entry.")), why) from error


def _whose(value: dict[str, Any]) -> tuple[Line, int | None]:
    for name in ("key", "file_name", "image_id"):
        found = value.get(name)
        if isinstance(found, str):
            return Line(key_of(found, name)), None
        if name == "image_id" and type(found) is int and 0 < found < 2**53:
            return Line(f"#{found}"), found
    raise refusal("image_id", "must be a picture's id in this server's COCO export, or the item's key")


def _label(value: dict[str, Any], schema: Schema) -> str:
    for name in ("category", "label"):
        if isinstance(value.get(name), str) and value[name]:
            return str(value[name])
    number = value.get("category_id")
    if type(number) is not int:
        raise refusal("category_id", "must be a label's place in the schema, from 1; or name it by category")
    names = list(schema.labels)
    return names[number - 1] if 0 < number <= len(names) else f"category {number}"[:100]


def _shape(value: dict[str, Any]) -> dict[str, Any]:
    """Of keypoints, a segmentation and a box, what says most."""
    if value.get("keypoints"):
        flat = _numbers(value["keypoints"], "keypoints", 3)
        unsaid = not any(flat[at + 2] > 0 for at in range(0, len(flat), 3))  # many models leave them all at 0, and COCO does not look at them
        return {"kind": "keypoints", "points": [[flat[at], flat[at + 1], 2 if unsaid or flat[at + 2] > 0 else 0] for at in range(0, len(flat), 3)]}
    said = value.get("segmentation")
    if isinstance(said, dict):
        try:
            return {"kind": "mask", "rle": rle.checked(said)}
        except ValueError as error:
            raise refusal("segmentation", str(error)) from error
    if said:
        rings = []
        for place, ring in enumerate(said if isinstance(said, list) else [said]):
            flat = _numbers(ring, f"segmentation[{place}]", 2)
            rings.append([[flat[at], flat[at + 1]] for at in range(0, len(flat), 2)])
        return {"kind": "polygon", "points": rings[0]} | ({"holes": rings[1:]} if rings[1:] else {})  # parts apart: even and odd is all of them
    return {"kind": "box", "box": value.get("bbox")}


def _numbers(value: Any, place: str, step: int) -> list[float]:
    sound = isinstance(value, list) and len(value) % step == 0 and all(not isinstance(one, bool) and isinstance(one, int | float) for one in value)
    if not sound:
        raise refusal(place, f"must be a list of numbers, {step} for each point")
    found: list[float] = value
    return found

"""A normalised document as an import stores it: canonical text, digest, and what search asks of it, made in one pass.

Imports bring documents by the million, nearly all of them plain boxes, so the text of those is put together here. It is to
the letter what `canonical.dumps` says of the whole document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotate.annotations.shape import Shape, shape_of
from annotate.kernel import canonical, copying

_EXACT = 2**53


@dataclass(slots=True)
class Written:
    """The sha256 of its canonical JSON, and columns for COPY: (document, digest), then (objects, attributes) as search looks for
    them, and (label, n) of each label."""

    digest: bytes
    stored: str
    current: str
    counts: tuple[str, ...]


@lru_cache(10_000)
def _quoted(text: str) -> str:
    return canonical.dumps(text)


def _number(value: float) -> float | int:
    return int(value) if value.is_integer() and -_EXACT < value < _EXACT else value


def plain_box(box: Sequence[float], id_: str, label: str) -> str:
    """The text of an object that is a box and no more."""
    x, y, w, h = box
    x, y = x if x.__class__ is int else _number(x), y if y.__class__ is int else _number(y)
    w, h = w if w.__class__ is int else _number(w), h if h.__class__ is int else _number(h)
    return f'{{"box":[{x},{y},{w},{h}],"id":"{id_}","kind":"box","label":{_quoted(label)}}}'


def _object(thing: Mapping[str, Any]) -> str:
    if len(thing) == 4 and thing["kind"] == "box" and "box" in thing and "label" in thing:
        return plain_box(thing["box"], thing["id"], thing["label"])
    return canonical.dumps(thing)


def _columns(shape: Shape) -> tuple[str, tuple[str, ...]]:
    counts = tuple(f"{copying.text(label)}\t{n}" for label, n in zip(shape.labels, shape.counts, strict=True))
    return f"{copying.json(shape.objects)}\t{copying.json(shape.attributes)}", counts


@lru_cache(10_000)
def _bare_columns(things: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Of objects without attributes, given as label and kind by turns: most documents of a project look alike to search."""
    return _columns(shape_of({"objects": [{"label": label, "kind": kind} for label, kind in zip(things[::2], things[1::2], strict=True)]}))


def _searched(document: Mapping[str, Any], objects: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[str, ...]]:
    if document["item"] or len(objects) > 20:
        return _columns(shape_of(document))
    things: list[Any] = []
    for thing in objects:
        if "attributes" in thing:
            return _columns(shape_of(document))
        things += (thing["label"], thing["kind"])
    return _bare_columns(tuple(things))


def stored(document: Mapping[str, Any]) -> tuple[str, bytes]:
    """(columns for COPY, digest) of a document, without what search asks of it; see `write_down`."""
    objects, item = document["objects"], document["item"]
    more = f',"probabilities":{canonical.dumps(document["probabilities"])}' if "probabilities" in document else ""
    return stored_texts(map(_object, objects), canonical.dumps(item) if item else "{}", more)


def stored_texts(objects: Iterable[str], item: str = "{}", more: str = "") -> tuple[str, bytes]:
    """The same of the texts of its parts."""
    text = f'{{"item":{item},"objects":[{",".join(objects)}]{more}}}'
    digest = canonical.digest(text)
    return f"{copying.json(text)}\t{copying.raw(digest)}", digest


def write_down(document: Mapping[str, Any]) -> Written:
    """Of a document as `labels.validation` returns it: `{"objects": […], "item": {…}}`, its ids UUIDs in lower case; a prediction's
    may have `probabilities` besides."""
    columns, digest = stored(document)
    return Written(digest, columns, *_searched(document, document["objects"]))

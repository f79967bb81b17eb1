"""What search asks of an annotation's document: its objects in short, its item attributes, how many of each label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotate.kernel import canonical

FEW = 20  # objects of documents that are likely to look like others


@dataclass(frozen=True)
class Shape:
    """`objects` and `attributes` are canonical JSON texts; `labels` and `counts` go together, sorted by label."""

    objects: str
    attributes: str
    labels: list[str]
    counts: list[int]


@lru_cache(10_000)
def _plain(things: tuple[tuple[str, str], ...]) -> Shape:
    """Of objects without attributes, by label and kind: most documents of a project look alike to search."""
    found = Counter(label for label, _kind in things)
    labels = sorted(label for label in found if label)
    return Shape("[" + ",".join(dict.fromkeys(_bare(*thing) for thing in things)) + "]", "{}", labels, [found[label] for label in labels])


@lru_cache(10_000)
def _bare(label: str, kind: str) -> str:
    return canonical.dumps({"l": label, "k": kind, "a": {}})


def shape_of_bare(things: Sequence[tuple[str, str]]) -> Shape:
    """Of objects of which no more is known than (label, kind), in an item of which nothing is said."""
    return _plain(tuple(things)) if len(things) <= FEW else _plain.__wrapped__(tuple(things))


def shape_of(document: Mapping[str, Any]) -> Shape:
    """The derived parts of a normalised document. Objects that look the same to search stand once.

    >>> shape_of({"objects": [{"label": "car", "kind": "box"}, {"label": "car", "kind": "box"}], "item": {}})
    Shape(objects='[{"a":{},"k":"box","l":"car"}]', attributes='{}', labels=['car'], counts=[2])
    """
    objects = document.get("objects") or []
    if len(objects) <= FEW and not document.get("item") and not any(thing.get("attributes") for thing in objects):
        return _plain(tuple((str(thing.get("label", "")), thing.get("kind", "")) for thing in objects))
    found: Counter[str] = Counter(str(thing.get("label", "")) for thing in objects)
    seen: dict[str, None] = {}
    for thing in objects:
        attributes = thing.get("attributes")
        label, kind = thing.get("label", ""), thing.get("kind", "")
        seen[canonical.dumps({"l": label, "k": kind, "a": attributes}) if attributes else _bare(label, kind)] = None
    labels = sorted(label for label in found if label)
    return Shape(
        objects="[" + ",".join(seen) + "]",
        attributes=canonical.dumps(item) if (item := document.get("item")) else "{}",
        labels=labels,
        counts=[found[label] for label in labels],
    )

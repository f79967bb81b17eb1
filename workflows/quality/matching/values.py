"""What the values of attributes say: when two are the same, and what an absent one means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Values = Mapping[str, Any]


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same, as JSON does: true is not 1. Several chosen options in whatever order."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def unsaid(attributes: Any) -> dict[str, Any]:
    """What it means to leave out an attribute, by name, for a schema's list of them: its default; a mark not set is false."""
    known: dict[str, Any] = {}
    for attribute in attributes or ():
        if attribute.get("default") is not None:
            known[attribute["name"]] = attribute["default"]
        elif attribute.get("type") == "bool":
            known[attribute["name"]] = False
    return known


def by_label(schema: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """`unsaid` of every label of a schema's document."""
    return {label["name"]: unsaid(label.get("attributes")) for label in (schema or {}).get("labels") or ()}


def compared(one: Values, other: Values, mine: Values, theirs: Values) -> dict[str, bool]:
    """For each attribute that either has: whether the two say the same. `mine` and `theirs` are what is meant by none."""
    return {name: same(one.get(name, mine.get(name)), other.get(name, theirs.get(name))) for name in sorted(one.keys() | other.keys())}

"""Whose words a decision between several answers repeats: each of its objects, and each thing it says of the item. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotate.kernel.canonical import dumps

Document = Mapping[str, Any]
# Who made an object, and its name, are not what it says.
_BESIDE = ("id", "source", "model", "score")


def origins(decision: Document, answers: Mapping[int, Document]) -> dict[str, dict[str, Any]]:
    """{"objects": {id: {"answers", "changed"}}, "item": {name: answers}} of a decision; `answers` by any number.

    An object comes of the answers that have the very same one; else of those that have one by its id, which was `changed`; else of none:
    the decision's own. A value comes of all answers that say it.
    """
    said = {key: {dumps(_words(thing)) for thing in document.get("objects") or ()} for key, document in answers.items()}
    known = {key: {thing.get("id") for thing in document.get("objects") or ()} for key, document in answers.items()}
    objects = {}
    for thing in decision.get("objects") or ():
        words = dumps(_words(thing))
        same = [key for key in answers if words in said[key]]
        named = [key for key in answers if thing.get("id") in known[key]]
        # Two may have drawn alike; whose object was taken is known by its id.
        own = [key for key in same if key in named]
        objects[str(thing.get("id"))] = {"answers": [*own, *(key for key in same if key not in own)] or named, "changed": bool(named) and not same}
    values = {name: _sayers(name, value, answers) for name, value in (decision.get("item") or {}).items()}
    return {"objects": objects, "item": values}


def _words(thing: Document) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if name not in _BESIDE and value not in (None, [], {})}


def _sayers(name: str, value: Any, answers: Mapping[int, Document]) -> list[int]:
    return [key for key, document in answers.items() if _same((document.get("item") or {}).get(name), value)]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return _set(one) == _set(other)
    return type(one) is type(other) and bool(one == other)


def _set(values: Sequence[Any]) -> list[str]:
    return sorted(dumps(value) for value in values)

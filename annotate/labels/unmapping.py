"""The way back of `mapping`: a document in the words of before a change, with all that was written since. Pure.

An operation is a lens. `mapping` looks at a document through it; here what stands in the new words is put back into the old
ones, operation by operation, the last first, beside the memory of what the document was (`was`). Two laws hold:

- what nobody touched comes back as it was, to the letter: `unmapped(mapped(was), was) == was`;
- what was written since is kept: `mapped(unmapped(now, was)) == now`, wherever `now` can be said in the old words.

The memory is per object, by its id, so that of objects that were merged each goes back to where it came from. What is new
goes back by the operation alone: a new name becomes the old one, what was merged into stays it. Whether the result can be
said in the old schema is for `mapping.unnamed` to tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from annotate.labels.mapping import mapped
from annotate.labels.operations import Operation, applied
from annotate.labels.reshaping import name_of

Document = dict[str, Any]
_NOTHING: Document = {}


def new_by_split(operations: Sequence[Operation], content: Mapping[str, Any]) -> dict[int, frozenset[str]]:
    """Per place of a split, the labels that it made: they go back to the one that was split. `content`: the schema before."""
    found: dict[int, frozenset[str]] = {}
    for place, operation in enumerate(operations):
        if operation.act == "split":
            known = {name_of(entry) for entry in applied(content, operations[:place])["labels"]}
            found[place] = frozenset(name_of(entry) for entry in operation.entries) - known
    return found


def unmapped(
    document: Mapping[str, Any],
    operations: Sequence[Operation],
    was: Mapping[str, Any] | None = None,
    *,
    lost: bool = True,
    split: Mapping[int, frozenset[str]] = {},
) -> Document:
    """The document in the words of before the operations.

    `was`: what it, or what it was made from, said before them. `lost`: what the operations took away comes back as well.

    >>> unmapped({"objects": [{"id": "1", "label": "auto"}]}, [Operation("rename", "label", origins=("car",), target="auto")])
    {'objects': [{'id': '1', 'label': 'car'}], 'item': {}}
    """
    stages: list[Mapping[str, Any]] = [was or _NOTHING]
    for operation in operations:
        stages.append(mapped(stages[-1], [operation]).document if was is not None else _NOTHING)
    now: Document = {"objects": [dict(thing) for thing in document.get("objects") or []], "item": dict(document.get("item") or {})}
    for place in reversed(range(len(operations))):
        operation, old, new = operations[place], stages[place], stages[place + 1]
        if operation.thing == "label":
            _put_labels(now, operation, _by_id(old), _by_id(new), split.get(place, frozenset()))
            if lost and operation.act == "retire":
                _bring_back(now, old, new)
        else:
            _put_owners(now, operation, old, new, lost)
    return now


def _by_id(document: Mapping[str, Any]) -> dict[Any, Mapping[str, Any]]:
    return {thing["id"]: thing for thing in document.get("objects") or [] if thing.get("id") is not None}


def _put_labels(now: Document, operation: Operation, old: Mapping[Any, Any], new: Mapping[Any, Any], made: frozenset[str]) -> None:
    for thing in now["objects"]:
        key, label = thing.get("id"), thing.get("label")
        if thing.get("kind") == "relation" or label is None:
            continue
        if key in new and new[key].get("label") == label:
            thing["label"] = old[key].get("label")
        elif (operation.act == "rename" and label == operation.target) or label in made:
            thing["label"] = operation.origins[0]


def _bring_back(now: Document, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """The objects that were dropped, each behind the one it stood behind; a relation only between objects that are there."""
    stayed, objects = _by_id(new), now["objects"]
    gone = {key: thing for key, thing in _by_id(old).items() if key not in stayed}
    there = {thing.get("id") for thing in objects} | {key for key, thing in gone.items() if thing.get("kind") != "relation"}
    place = 0
    for thing in old.get("objects") or []:
        key = thing.get("id")
        if key in gone:
            if thing.get("kind") == "relation" and not {thing.get("from"), thing.get("to")} <= there:
                continue
            objects.insert(place, dict(thing))
            place += 1
        else:
            place = next((index + 1 for index, one in enumerate(objects) if one.get("id") == key), place)


def _put_owners(now: Document, operation: Operation, old: Mapping[str, Any], new: Mapping[str, Any], lost: bool) -> None:
    if operation.label is None:
        _put_values(now["item"], operation, old.get("item") or {}, new.get("item") or {}, lost)
        return
    was, became = _by_id(old), _by_id(new)
    for thing in now["objects"]:
        if thing.get("label") != operation.label or thing.get("kind") == "relation":
            continue
        before, after = (found.get(thing.get("id"), {}) for found in (was, became))
        same = before.get("label") == operation.label
        held = dict(thing.get("attributes") or {})
        _put_values(held, operation, before.get("attributes") or {} if same else {}, after.get("attributes") or {} if same else {}, lost)
        if held:
            thing["attributes"] = held
        else:
            thing.pop("attributes", None)


def _put_values(held: dict[str, Any], operation: Operation, old: Mapping[str, Any], new: Mapping[str, Any], lost: bool) -> None:
    """Change an owner's values in place."""
    if operation.act == "add":
        return
    if operation.thing == "option":
        _put_option(held, operation, old, new, lost)
        return
    names = [*operation.origins, *([operation.target] if operation.target else [])]
    part = {name: old[name] for name in names if name in old}
    if part and all(_same(held.get(name), new.get(name)) for name in names):
        if lost or (operation.lossless and not _disagree(part)):
            for name in names:
                held.pop(name, None)
            held.update(part)
    elif operation.act == "rename" and operation.target in held:
        held[operation.origins[0]] = held.pop(operation.target)


def _disagree(part: Mapping[str, Any]) -> bool:
    """Whether of several answers only one came through the merge."""
    values = list(part.values())
    return any(not isinstance(value, list) and not _same(value, values[0]) for value in values)


def _put_option(held: dict[str, Any], operation: Operation, old: Mapping[str, Any], new: Mapping[str, Any], lost: bool) -> None:
    name, value = operation.attribute, held.get(operation.attribute)
    if name in old and _same(value, new.get(name)):
        if lost or operation.lossless:
            held[name] = old[name]
        return
    if value is None or not operation.lossless:
        return
    became, was = _several(new.get(name)), _several(old.get(name))

    def back(option: Any) -> list[Any]:
        if option != operation.target or not isinstance(option, str):
            return [option]
        if option in became:
            return [one for one in was if one == option or one in operation.origins]
        return [operation.origins[0]] if operation.act == "rename" else [option]

    found = list(dict.fromkeys(one for option in _several(value) for one in back(option)))
    held[name] = found if isinstance(value, list) else found[0]


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON is: true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

"""How an annotation follows a change of its schema: the same objects under their new names. Pure.

Ids, shapes and order stay; what a retired name held is dropped when the operation says so, else the whole annotation is
kept as it is, for a document is under one version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotate.labels.objects import values
from annotate.labels.operations import Operation
from annotate.labels.schema import Schema


@dataclass
class Mapped:
    """`objects` counts, per place of an operation, the objects it met (the item itself counts as one).

    `kept`: why the document cannot follow, "" when it does. `lossless`: it says the same as before in other words.
    """

    document: dict[str, Any]
    objects: dict[int, int] = field(default_factory=dict)
    lossless: bool = True
    kept: str = ""

    @property
    def touched(self) -> bool:
        return bool(self.objects)


def mapped(document: Mapping[str, Any], operations: Sequence[Operation], schema: Schema | None = None) -> Mapped:
    """The document after the operations. With the new `schema`, one that would hold a name unknown there is kept.

    >>> mapped({"objects": [{"id": "1", "label": "car"}]}, [Operation("rename", "label", origins=("car",), target="auto")]).document
    {'objects': [{'id': '1', 'label': 'auto'}], 'item': {}}
    """
    made = Mapped({"objects": [dict(thing) for thing in document.get("objects") or []], "item": dict(document.get("item") or {})})
    for index, operation in enumerate(operations):
        met = _labels(made, operation) if operation.thing == "label" else _values(made, operation)
        if met:
            made.objects[index] = met
            if operation.keeps and not made.kept:
                made.kept = operation.act
    if made.touched and not made.kept and schema is not None and (strange := unnamed(made.document, schema)):
        made.kept = strange[0]
    return made


def _labels(made: Mapped, operation: Operation) -> int:
    found = [thing for thing in made.document["objects"] if thing.get("label") in operation.origins and thing.get("kind") != "relation"]
    if not found or operation.keeps:
        return len(found)
    if operation.lossless:
        for thing in found:
            thing["label"] = operation.target
        return len(found)
    made.lossless = False
    gone = {thing.get("id") for thing in found}
    made.document["objects"] = [
        thing
        for thing in made.document["objects"]
        if thing.get("id") not in gone and not (thing.get("kind") == "relation" and {thing.get("from"), thing.get("to")} & gone)
    ]
    return len(found)


def _values(made: Mapped, operation: Operation) -> int:
    """Attributes and options: of each object of the label, or of the item."""
    if operation.label is None:
        return int(_change(made, made.document["item"], operation))
    met = 0
    for thing in made.document["objects"]:
        if thing.get("label") == operation.label and thing.get("attributes") and thing.get("kind") != "relation":
            held = dict(thing["attributes"])
            if _change(made, held, operation):
                met += 1
                if held:
                    thing["attributes"] = held
                else:
                    del thing["attributes"]
    return met


def _change(made: Mapped, held: dict[str, Any], operation: Operation) -> bool:
    """Change an owner's values in place; whether the operation met any."""
    if operation.act == "add":
        return False
    if operation.thing == "option":
        return _change_option(made, held, operation)
    there = [name for name in operation.origins if name in held]
    if not there or operation.keeps:
        return bool(there)
    for name in there:
        value = held.pop(name)
        if not operation.lossless:
            made.lossless = False
        elif operation.target not in held:
            held[operation.target] = value
        elif isinstance(value, list) and isinstance(held[operation.target], list):
            held[operation.target] = list(dict.fromkeys([*held[operation.target], *value]))
        elif held[operation.target] != value:
            made.lossless = False  # two answers to what is one question now: the one that was asked so before stays
    return True


def _change_option(made: Mapped, held: dict[str, Any], operation: Operation) -> bool:
    value = held.get(operation.attribute)
    several = isinstance(value, list)
    met = bool(set(value) & set(operation.origins)) if isinstance(value, list) else value in operation.origins
    if not met or operation.keeps:
        return met
    if operation.lossless:
        new = [operation.target if one in operation.origins else one for one in value] if isinstance(value, list) else operation.target
        held[operation.attribute] = list(dict.fromkeys(new)) if several else new
        return True
    made.lossless = False
    left = [one for one in value if one not in operation.origins] if isinstance(value, list) else []
    if left:
        held[operation.attribute] = left
    else:
        del held[operation.attribute]
    return True


def unnamed(document: Mapping[str, Any], schema: Schema) -> list[str]:
    """What the document says by a name, or in a way, that the schema does not have. Nothing is demanded: half a draft is sound."""
    labels: dict[str, str] = {}
    found: list[str] = []
    objects = document.get("objects") or []
    for thing in objects:
        name = thing.get("label")
        if thing.get("kind") == "relation" or name is None:
            continue
        label = schema.labels.get(name)
        if label is None or thing.get("kind") not in label.kinds:
            found.append(str(name))
            continue
        _kept, wrong = values(thing.get("attributes"), label.attributes, demand=False)
        found += [f"{name}.{attribute}" for attribute in wrong]
        labels[str(thing.get("id"))] = str(name)
    for thing in objects:
        if thing.get("kind") == "relation" and not _relates(thing, labels, schema):
            found.append(str(thing.get("label")))
    _kept, wrong = values(document.get("item"), schema.item, demand=False)
    return found + list(wrong)


def _relates(thing: Mapping[str, Any], labels: Mapping[str, str], schema: Schema) -> bool:
    relation = schema.relations.get(str(thing.get("label")))
    if relation is None:
        return False
    ends = ((thing.get("from"), relation.origins), (thing.get("to"), relation.targets))
    return all(str(end) in labels and (not allowed or labels[str(end)] in allowed) for end, allowed in ends)


@dataclass(frozen=True)
class Interest:
    """What search must ask for to find every annotation that an operation may meet: labels, and JSON paths into the
    derived list of objects and into the item's attributes."""

    labels: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    item: tuple[str, ...] = ()


def interest(operations: Sequence[Operation], only: int | None = None) -> Interest:
    """Of all operations, or of the one at this place. Names are those that annotations had before the first operation."""
    labels: list[str] = []
    objects: list[str] = []
    item: list[str] = []
    for index, operation in enumerate(operations):
        if operation.act == "add" or (only is not None and index != only):
            continue
        before = operations[:index]
        if operation.thing == "label":
            labels += _aliases(operation.origins, before, lambda one: one.thing == "label")
            continue
        places = _aliases((operation.attribute,) if operation.thing == "option" else operation.origins, before, _same_owner(operation, "attribute"))
        options = _aliases(operation.origins, before, _same_owner(operation, "option")) if operation.thing == "option" else [None]
        owners = [None] if operation.label is None else _aliases((operation.label,), before, lambda one: one.thing == "label")
        for owner in owners:
            for place in places:
                for option in options:
                    (item if owner is None else objects).append(_path(owner, place, option))
    return Interest(tuple(dict.fromkeys(labels)), tuple(dict.fromkeys(objects)), tuple(dict.fromkeys(item)))


def _same_owner(operation: Operation, thing: str) -> Any:
    return lambda one: one.thing == thing and (one.label is None) == (operation.label is None)


def _aliases(names: Sequence[str], before: Sequence[Operation], fits: Any) -> list[Any]:
    """The names, and those that become one of them by an earlier operation."""
    found = dict.fromkeys(names)
    for operation in reversed(before):
        if operation.lossless and fits(operation) and operation.target in found:
            found |= dict.fromkeys(operation.origins)
    return list(found)


def _path(owner: str | None, attribute: str, option: str | None) -> str:
    """A jsonpath of Postgres; lax mode looks into lists of options by itself."""
    key = f".{json.dumps(attribute)}"
    if owner is None:
        return f"${key}" + (f" ? (@ == {json.dumps(option)})" if option is not None else "")
    wanted = f"exists(@.a{key})" if option is None else f"@.a{key} == {json.dumps(option)}"
    return f"$[*] ? (@.l == {json.dumps(owner)} && {wanted})"

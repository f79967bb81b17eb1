"""A change of a schema as data: operations, read and applied one after the other to a schema document. Pure.

    {"op": "rename_label", "from": "car", "to": "vehicle"}
    {"op": "merge_label", "from": ["truck", "van"], "to": "vehicle"}
    {"op": "retire_label", "name": "bus", "then": "drop"}
    {"op": "split_label", "from": "vehicle", "into": ["car", "truck"]}
    {"op": "add_option", "label": "car", "attribute": "make", "entry": "c"}

`attribute` and `option` take add, rename, merge and retire as well; `label` names whose attribute it is, without it the
whole item's. `then` says what becomes of what has a retired name: keep (it stays under its version) or drop. How
annotations follow is in `mapping`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.kernel.errors import Invalid
from annotate.labels import reshaping
from annotate.labels.reshaping import Wrong
from annotate.labels.schema import parse

ACTS = ("add", "rename", "merge", "retire")
THINGS = ("label", "attribute", "option")
OPS = (*(f"{act}_{thing}" for thing in THINGS for act in ACTS), "split_label")
THEN = ("keep", "drop")
MOST = 100
_FIELDS = {
    "add": ("entry",),
    "rename": ("from", "to"),
    "merge": ("from", "to"),
    "retire": ("name", "then"),
    "split": ("from", "into"),
}
_PLACE = {"label": (), "attribute": ("label",), "option": ("label", "attribute")}
_OPTIONAL = ("label", "then")


@dataclass(frozen=True)
class Operation:
    """`origins` are the names that go, `target` what they become ("" when nothing). `label` None: of the whole item."""

    act: str
    thing: str
    label: str | None = None
    attribute: str = ""
    origins: tuple[str, ...] = ()
    target: str = ""
    then: str = "keep"
    entries: tuple[Any, ...] = ()

    @property
    def lossless(self) -> bool:
        """Whether annotations say the same after it, in other words."""
        return self.act in ("rename", "merge")

    @property
    def keeps(self) -> bool:
        """Whether what has the name stays under the version it was made under."""
        return self.act == "split" or (self.act == "retire" and self.then == "keep")


def read(raw: Any) -> list[Operation]:
    """The operations of a list of documents; `Invalid` whose `fields` name each fault ("operations[1].from")."""
    if not isinstance(raw, list) or not raw:
        raise Invalid("operations must be a list of at least one", fields={"operations": "must be a list of at least one"})
    if len(raw) > MOST:
        raise Invalid(f"more than {MOST} operations", fields={"operations": f"at most {MOST}"})
    faults: dict[str, str] = {}
    found = [made for index, source in enumerate(raw) if (made := _read(source, f"operations[{index}]", faults)) is not None]
    if faults:
        path, why = next(iter(faults.items()))
        raise Invalid(f"{path}: {why}", code="operations", fields=faults)
    return found


def _read(source: Any, path: str, faults: dict[str, str]) -> Operation | None:
    if not isinstance(source, dict):
        faults[path] = 'must be an object such as {"op": "rename_label", "from": "a", "to": "b"}'
        return None
    op = source.get("op")
    if not isinstance(op, str) or op not in OPS:
        faults[f"{path}.op"] = f"must be one of {', '.join(OPS)}"
        return None
    act, _, thing = op.partition("_")
    known = (*_PLACE[thing], *_FIELDS[act])
    before = len(faults)
    for name in source:
        if name != "op" and name not in known:
            faults[f"{path}.{name}"] = f"there is no such field; there are op, {', '.join(known)}"
    for name in known:
        if name not in source and name not in _OPTIONAL:
            faults[f"{path}.{name}"] = "is missing"
    if len(faults) > before:
        return None
    label, attribute = source.get("label"), source.get("attribute", "")
    if label is not None and not _is_name(label):
        faults[f"{path}.label"] = "must be a label's name, or null for the whole item"
    if thing == "option" and not _is_name(attribute):
        faults[f"{path}.attribute"] = "must be an attribute's name"
    then = source.get("then", "keep")
    if then not in THEN:
        faults[f"{path}.then"] = f"must be one of {', '.join(THEN)}"
    origins = _origins(source, act, path, faults)
    target = source.get("to", "") if act in ("rename", "merge") else ""
    if act in ("rename", "merge") and not _is_name(target):
        faults[f"{path}.to"] = "must be a name"
    entries = _entries(source, act, path, faults)
    if len(faults) > before:
        return None
    return Operation(act, thing, label, attribute, origins, target, then, entries)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _origins(source: Mapping[str, Any], act: str, path: str, faults: dict[str, str]) -> tuple[str, ...]:
    if act == "add":
        return ()
    field = "name" if act == "retire" else "from"
    given = source.get(field)
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not names or not all(_is_name(name) for name in names) or len(names) > 100:
        faults[f"{path}.{field}"] = "must be a name" + (", or a list of names" if act == "merge" else "")
        return ()
    if act != "merge" and len(names) > 1:
        faults[f"{path}.{field}"] = "must be one name"
    if len(set(names)) < len(names):
        faults[f"{path}.{field}"] = "names something twice"
    return tuple(names)


def _entries(source: Mapping[str, Any], act: str, path: str, faults: dict[str, str]) -> tuple[Any, ...]:
    if act == "add":
        entry = source["entry"]
        if not isinstance(entry, dict) and not _is_name(entry):
            faults[f"{path}.entry"] = "must be what the schema is to hold: an object with a name"
        return (entry,)
    if act != "split":
        return ()
    into = source["into"]
    if not isinstance(into, list) or not 2 <= len(into) <= 100:
        faults[f"{path}.into"] = "must be a list of two labels or more"
        return ()
    names = [reshaping.name_of(entry) for entry in into]
    if not all(_is_name(name) for name in names):
        faults[f"{path}.into"] = "must be names of labels, or labels"
    elif len(set(names)) < len(names):
        faults[f"{path}.into"] = "names a label twice"
    return tuple(into)


_APPLY: dict[tuple[str, str], Callable[[dict[str, Any], Operation], None]] = {
    ("add", "label"): reshaping.add_label,
    ("rename", "label"): reshaping.rename_label,
    ("merge", "label"): reshaping.merge_label,
    ("retire", "label"): reshaping.retire_label,
    ("split", "label"): reshaping.split_label,
    ("add", "attribute"): reshaping.add_attribute,
    ("rename", "attribute"): reshaping.rename_attribute,
    ("merge", "attribute"): reshaping.merge_attribute,
    ("retire", "attribute"): reshaping.retire_attribute,
    ("add", "option"): reshaping.add_option,
    ("rename", "option"): reshaping.rename_option,
    ("merge", "option"): reshaping.merge_option,
    ("retire", "option"): reshaping.retire_option,
}


def applied(document: Mapping[str, Any], operations: Sequence[Operation]) -> dict[str, Any]:
    """The schema document after the operations, each on what the one before left; `Invalid` names the operation and the place.

    >>> applied({"labels": [{"name": "car", "kinds": ["box"]}]}, [Operation("rename", "label", origins=("car",), target="auto")])
    {'labels': [{'name': 'auto', 'kinds': ['box']}]}
    """
    made = copy.deepcopy(dict(document))
    for index, operation in enumerate(operations):
        path = f"operations[{index}]"
        try:
            _APPLY[operation.act, operation.thing](made, operation)
        except Wrong as wrong:
            place = f"{path}.{wrong.at}" if wrong.at else path
            raise Invalid(f"{place}: {wrong.why}", code="operations", fields={place: wrong.why}) from wrong
        try:
            parse(made)
        except Invalid as error:
            at, why = next(iter(error.fields.items()), ("", error.detail))
            words = f"{at}: {why}" if at else str(why)
            raise Invalid(f"{path}: {words}", code="operations", fields={path: words}) from error
    return made

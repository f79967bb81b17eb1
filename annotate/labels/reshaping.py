"""What each operation does to a schema document, in place. Everything that goes by a name follows it: relations' ends,
conditions (`when`), defaults. Pure; whether the result is a schema is for `schema.parse` to say.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Protocol


class Asked(Protocol):
    """What is read of an `operations.Operation`."""

    @property
    def label(self) -> str | None: ...
    @property
    def attribute(self) -> str: ...
    @property
    def origins(self) -> tuple[str, ...]: ...
    @property
    def target(self) -> str: ...
    @property
    def entries(self) -> tuple[Any, ...]: ...


class Wrong(Exception):
    """`at` is the field of the operation, `why` for a person."""

    def __init__(self, at: str, why: str) -> None:
        super().__init__(why)
        self.at, self.why = at, why


Document = dict[str, Any]
_NEW = "{!r} is there already; merge the two instead"


def name_of(entry: Any) -> Any:
    """The name of a label, an attribute or an option, which may stand as a bare text."""
    return entry.get("name") if isinstance(entry, dict) else entry


def _find(rows: list[Any], name: str, at: str, what: str) -> Any:
    for entry in rows:
        if name_of(entry) == name:
            return entry
    raise Wrong(at, f"there is no {what} {name!r}")


def _has(rows: list[Any], name: Any) -> bool:
    return any(name_of(entry) == name for entry in rows)


def _labels(document: Document) -> list[Any]:
    found: list[Any] = document.setdefault("labels", [])
    return found


def _replace(names: list[str], gone: tuple[str, ...], into: list[str]) -> list[str]:
    """The list with `into` in place of what goes, each once."""
    made: dict[str, None] = {}
    for name in names:
        for one in into if name in gone else [name]:
            made[one] = None
    return list(made)


def _ends(document: Document, gone: tuple[str, ...], into: list[str]) -> None:
    for relation in document.get("relations") or []:
        for side in ("from", "to"):
            names = relation.get(side)
            if not names or not set(names) & set(gone):
                continue
            relation[side] = _replace(names, gone, into)
            if not relation[side]:
                raise Wrong("name", f"the relation {relation['name']!r} would have no {side}: take it out of the schema first")


def _drop(rows: list[Any], gone: tuple[str, ...]) -> None:
    rows[:] = [entry for entry in rows if name_of(entry) not in gone]


# labels


def add_label(document: Document, asked: Asked) -> None:
    entry = asked.entries[0]
    if _has(_labels(document), name_of(entry)):
        raise Wrong("entry.name", f"{name_of(entry)!r} is there already")
    _labels(document).append(copy.deepcopy(entry) if isinstance(entry, dict) else {"name": entry, "kinds": ["box"]})


def rename_label(document: Document, asked: Asked) -> None:
    entry = _find(_labels(document), asked.origins[0], "from", "label")
    if _has(_labels(document), asked.target):
        raise Wrong("to", _NEW.format(asked.target))
    entry["name"] = asked.target
    _ends(document, asked.origins, [asked.target])


def merge_label(document: Document, asked: Asked) -> None:
    """The target takes on kinds, attributes and options of those that go, so that their objects are objects of it."""
    target = _find(_labels(document), asked.target, "to", "label")
    if asked.target in asked.origins:
        raise Wrong("from", "names the label that the others become")
    for name in asked.origins:
        gone = _find(_labels(document), name, "from", "label")
        target["kinds"] = list(dict.fromkeys([*target["kinds"], *gone["kinds"]]))
        ours, theirs = target.get("skeleton"), gone.get("skeleton")
        if ours and theirs and ours.get("points") != theirs.get("points"):
            raise Wrong("from", f"{name!r} has another skeleton than {asked.target!r}")
        if theirs and not ours:
            target["skeleton"] = copy.deepcopy(theirs)
        known = target.setdefault("attributes", [])
        for attribute in gone.get("attributes") or []:
            same = next((one for one in known if one["name"] == attribute["name"]), None)
            if same is None:
                known.append({key: copy.deepcopy(value) for key, value in attribute.items() if key != "required"})
            else:
                _join(same, attribute, "from", f"{name}.{attribute['name']}")
        for attribute in known:
            if not _has(gone.get("attributes") or [], attribute["name"]):
                attribute.pop("required", None)
        if not known:
            del target["attributes"]
    _drop(_labels(document), asked.origins)
    _ends(document, asked.origins, [asked.target])


def _join(into: Document, other: Document, at: str, name: str) -> None:
    """`into` takes every value that `other` takes."""
    if into["type"] != other["type"] or bool(into.get("multiple")) != bool(other.get("multiple")):
        raise Wrong(at, f"the attribute {name!r} is of another type: rename one of the two first")
    if into["type"] == "choice":
        into["options"] += [copy.deepcopy(option) for option in other["options"] if not _has(into["options"], name_of(option))]
    for bound, wider in (("min", min), ("max", max)):
        if into.get(bound) is not None and other.get(bound) is not None:
            into[bound] = wider(into[bound], other[bound])
        else:
            into.pop(bound, None)
    if not (into.get("required") and other.get("required")):
        into.pop("required", None)
    if into.get("when", {}) != other.get("when", {}):
        into.pop("when", None)


def retire_label(document: Document, asked: Asked) -> None:
    _find(_labels(document), asked.origins[0], "name", "label")
    _drop(_labels(document), asked.origins)
    _ends(document, asked.origins, [])


def split_label(document: Document, asked: Asked) -> None:
    """New labels stand where the old one stood, drawn and described as it was unless they say otherwise."""
    rows = _labels(document)
    gone = _find(rows, asked.origins[0], "from", "label")
    names = [name_of(entry) for entry in asked.entries]
    if asked.origins[0] in names:
        raise Wrong("into", "names the label that is split")
    as_it_was = {key: value for key, value in gone.items() if key not in ("name", "hotkey", "color", "title", "description")}
    made = [
        {**copy.deepcopy(as_it_was), **(copy.deepcopy(entry) if isinstance(entry, dict) else {"name": entry})}
        for entry in asked.entries
        if not _has(rows, name_of(entry))
    ]
    if made and "color" in gone and not any("color" in entry for entry in made):
        made[0]["color"] = gone["color"]
    place = rows.index(gone)
    rows[place : place + 1] = made
    _ends(document, asked.origins, names)


# attributes


def _attributes(document: Document, asked: Asked) -> list[Any]:
    if asked.label is None:
        found: list[Any] = document.setdefault("item", [])
        return found
    owner = _find(_labels(document), asked.label, "label", "label")
    found = owner.setdefault("attributes", [])
    return found


def add_attribute(document: Document, asked: Asked) -> None:
    rows, entry = _attributes(document, asked), asked.entries[0]
    if _has(rows, name_of(entry)):
        raise Wrong("entry.name", f"{name_of(entry)!r} is there already")
    rows.append(copy.deepcopy(entry) if isinstance(entry, dict) else {"name": entry, "type": "bool"})


def rename_attribute(document: Document, asked: Asked) -> None:
    rows = _attributes(document, asked)
    entry = _find(rows, asked.origins[0], "from", "attribute")
    if _has(rows, asked.target):
        raise Wrong("to", _NEW.format(asked.target))
    entry["name"] = asked.target
    _conditions(rows, lambda when: {asked.target if name in asked.origins else name: value for name, value in when.items()})


def merge_attribute(document: Document, asked: Asked) -> None:
    rows = _attributes(document, asked)
    target = _find(rows, asked.target, "to", "attribute")
    if asked.target in asked.origins:
        raise Wrong("from", "names the attribute that the others become")
    for name in asked.origins:
        gone = _find(rows, name, "from", "attribute")
        if any(name in (entry.get("when") or {}) for entry in rows if isinstance(entry, dict)):
            raise Wrong("from", f"other attributes are asked for only by the value of {name!r}: change them first")
        _join(target, gone, "from", name)
    _drop(rows, asked.origins)


def retire_attribute(document: Document, asked: Asked) -> None:
    rows = _attributes(document, asked)
    _find(rows, asked.origins[0], "name", "attribute")
    hanging = [entry["name"] for entry in rows if asked.origins[0] in (entry.get("when") or {})]
    if hanging:
        raise Wrong("name", f"{hanging[0]!r} is asked for only by its value: retire that first")
    _drop(rows, asked.origins)
    if not rows:
        owner = document if asked.label is None else _find(_labels(document), asked.label, "label", "label")
        owner.pop("item" if asked.label is None else "attributes")


def _conditions(rows: list[Any], change: Callable[[Document], Document]) -> None:
    for entry in rows:
        if isinstance(entry, dict) and entry.get("when"):
            entry["when"] = change(entry["when"])


# options


def _options(document: Document, asked: Asked) -> tuple[list[Any], Document, list[Any]]:
    """(attributes beside it, the attribute, its options)."""
    rows = _attributes(document, asked)
    entry = _find(rows, asked.attribute, "attribute", "attribute")
    if entry.get("type") != "choice":
        raise Wrong("attribute", f"{asked.attribute!r} is no choice: it has no options")
    return rows, entry, entry["options"]


def add_option(document: Document, asked: Asked) -> None:
    _rows, _entry, options = _options(document, asked)
    if _has(options, name_of(asked.entries[0])):
        raise Wrong("entry", f"{name_of(asked.entries[0])!r} is there already")
    options.append(copy.deepcopy(asked.entries[0]))


def rename_option(document: Document, asked: Asked) -> None:
    rows, entry, options = _options(document, asked)
    _find(options, asked.origins[0], "from", "option")
    if _has(options, asked.target):
        raise Wrong("to", _NEW.format(asked.target))
    for place, option in enumerate(options):
        if name_of(option) == asked.origins[0]:
            options[place] = {**option, "name": asked.target} if isinstance(option, dict) else asked.target
    _follow(rows, entry, asked)


def merge_option(document: Document, asked: Asked) -> None:
    rows, entry, options = _options(document, asked)
    _find(options, asked.target, "to", "option")
    if asked.target in asked.origins:
        raise Wrong("from", "names the option that the others become")
    for name in asked.origins:
        _find(options, name, "from", "option")
    _drop(options, asked.origins)
    _follow(rows, entry, asked)


def retire_option(document: Document, asked: Asked) -> None:
    rows, entry, options = _options(document, asked)
    gone = asked.origins[0]
    _find(options, gone, "name", "option")
    for other in rows:
        wanted = (other.get("when") or {}).get(asked.attribute)
        if gone in (wanted if isinstance(wanted, list) else [wanted]):
            raise Wrong("name", f"{other['name']!r} is asked for only by this option: change that first")
    _drop(options, asked.origins)
    default = entry.get("default")
    if default == gone:
        del entry["default"]
    elif isinstance(default, list) and gone in default:
        entry["default"] = [one for one in default if one != gone]


def _follow(rows: list[Any], entry: Document, asked: Asked) -> None:
    """Defaults and conditions say the option by its new name."""

    def new(value: Any) -> Any:
        if isinstance(value, list):
            return _replace(value, asked.origins, [asked.target])
        return asked.target if value in asked.origins else value

    if "default" in entry:
        entry["default"] = new(entry["default"])
    _conditions(rows, lambda when: {name: new(value) if name == asked.attribute else value for name, value in when.items()})

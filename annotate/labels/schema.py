"""A label schema: what may be drawn and said, as a document that is checked once and then read as plain values.

`parse` turns product.md's document into a frozen `Schema` or raises `Invalid` whose `fields` name each wrong path
("labels[2].attributes[0].options"). The document itself stays what is stored and shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid

KINDS = ("box", "polygon", "polyline", "keypoints", "point", "mask", "span")
TYPES = ("bool", "choice", "text", "number")
COLOURS = (
    "#de5308", "#0080ff", "#329270", "#ff4cb0", "#9fbd00", "#681bd9",
    "#ffc09e", "#12fffa", "#a00e71", "#98b7ff", "#794800", "#f8ff42",
)  # fmt: skip  the twelve label colours of the look, ordered so that neighbours differ most
MOST = 1000
LARGEST = 1e300  # of a number attribute: what a float of any language holds
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_HOTKEY = re.compile(r"[0-9a-zA-Z]")

Value = bool | str | int | float | list[str]


@dataclass(frozen=True)
class Attribute:
    """`when` maps names of other attributes of the same owner to the value, or list of values, under which this one counts."""

    name: str
    type: str
    options: tuple[str, ...] = ()
    multiple: bool = False
    required: bool = False
    min: float | None = None
    max: float | None = None
    default: Value | None = None
    when: Mapping[str, Any] = field(default_factory=dict)

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether the attribute counts, given the owner's other values."""
        return all(values.get(name) in wanted if isinstance(wanted, list) else values.get(name) == wanted for name, wanted in self.when.items())


@dataclass(frozen=True)
class Label:
    name: str
    kinds: tuple[str, ...]
    color: str
    hotkey: str
    attributes: Mapping[str, Attribute]
    points: tuple[str, ...] = ()  # names of a skeleton's keypoints
    edges: tuple[tuple[int, int], ...] = ()  # pairs of 0-based places in `points`
    index: int = 0


@dataclass(frozen=True)
class Relation:
    """A named link; an empty tuple of labels means any."""

    name: str
    origins: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Schema:
    document: Mapping[str, Any]
    labels: Mapping[str, Label]
    item: Mapping[str, Attribute]
    relations: Mapping[str, Relation]

    @property
    def has_required_items(self) -> bool:
        return any(attribute.required for attribute in self.item.values())


class _Reader:
    """Collects every fault with its path, so that a person mends all of them at once."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}

    def fault(self, path: str, why: str) -> None:
        self.fields.setdefault(path, why)

    def mapping(self, value: Any, path: str, known: Sequence[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fault(path, "must be an object")
            return {}
        for name in value:
            if name not in known:
                self.fault(f"{path}.{name}" if path else str(name), f"there is no such field; there are {', '.join(known)}")
        return value

    def rows(self, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            self.fault(path, "must be a list")
            return []
        if len(value) > MOST:
            self.fault(path, f"has more than {MOST} entries")
            return []
        return value

    def name(self, value: Any, path: str, taken: set[str]) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > 100 or not value.isprintable() or value != value.strip():
            self.fault(path, "must be a text of 1 to 100 printable characters, without blanks around it")
            return ""
        if value in taken:
            self.fault(path, f"{value!r} is there already")
        taken.add(value)
        return value

    def flag(self, value: Any, path: str) -> bool:
        if not isinstance(value, bool):
            self.fault(path, "must be true or false")
        return value is True

    def words(self, source: dict[str, Any], path: str) -> None:
        """`title` per language, `description` and `group`: shown, never interpreted."""
        title = source.get("title")
        if title is not None and not (isinstance(title, dict) and all(isinstance(text, str) for text in title.values())):
            self.fault(f"{path}.title", "must map languages to texts")
        for name in ("description", "group"):
            if name in source and not isinstance(source[name], str):
                self.fault(f"{path}.{name}", "must be a text")

    def options(self, value: Any, path: str) -> tuple[str, ...]:
        taken: set[str] = set()
        found = []
        for index, option in enumerate(self.rows(value, path)):
            here = f"{path}[{index}]"
            if isinstance(option, dict):
                self.mapping(option, here, ("name", "title", "description", "group"))
                self.words(option, here)
                found.append(self.name(option.get("name"), f"{here}.name", taken))
            else:
                found.append(self.name(option, here, taken))
        if not found and path not in self.fields:
            self.fault(path, "must name at least one option")
        return tuple(found)

    def number(self, value: Any, path: str) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(path, "must be a number")
            return None
        if not -LARGEST <= value <= LARGEST:
            self.fault(path, f"must be a number of at most {LARGEST:g}")
            return None
        return value

    def attribute(self, value: Any, path: str, taken: set[str]) -> Attribute | None:
        known = ("name", "type", "options", "multiple", "required", "min", "max", "default", "when", "title", "description", "group")
        source = self.mapping(value, path, known)
        if not source:
            return None
        name, kind = self.name(source.get("name"), f"{path}.name", taken), source.get("type")
        self.words(source, path)
        if kind not in TYPES:
            self.fault(f"{path}.type", f"must be one of {', '.join(TYPES)}")
            return None
        options = self.options(source.get("options"), f"{path}.options") if kind == "choice" else ()
        for extra, only in (("options", "choice"), ("multiple", "choice"), ("min", "number"), ("max", "number")):
            if extra in source and kind != only:
                self.fault(f"{path}.{extra}", f"belongs to attributes of type {only}")
        low = self.number(source["min"], f"{path}.min") if kind == "number" and source.get("min") is not None else None
        high = self.number(source["max"], f"{path}.max") if kind == "number" and source.get("max") is not None else None
        if low is not None and high is not None and low > high:
            self.fault(f"{path}.max", "is less than min")
        when = source.get("when", {})
        if not isinstance(when, dict):
            self.fault(f"{path}.when", "must map names of attributes to values")
            when = {}
        made = Attribute(
            name=name,
            type=kind,
            options=options,
            multiple=self.flag(source["multiple"], f"{path}.multiple") if "multiple" in source else False,
            required=self.flag(source["required"], f"{path}.required") if "required" in source else False,
            min=low,
            max=high,
            default=source.get("default"),
            when=when,
        )
        if made.default is not None and (why := fault_of(made, made.default)):
            self.fault(f"{path}.default", why)
        return made

    def attributes(self, value: Any, path: str) -> dict[str, Attribute]:
        taken: set[str] = set()
        found: dict[str, Attribute] = {}
        for index, entry in enumerate(self.rows(value, path)):
            made = self.attribute(entry, f"{path}[{index}]", taken)
            if made is None:
                continue
            for other, wanted in made.when.items():
                known = found.get(other)
                if known is None:
                    self.fault(f"{path}[{index}].when.{other}", "names no attribute that stands before this one")
                elif any(fault_of(known, one) for one in (wanted if isinstance(wanted, list) and not known.multiple else [wanted])):
                    self.fault(f"{path}[{index}].when.{other}", f"is no value of {other}")
            found[made.name] = made
        return found

    def skeleton(self, value: Any, path: str) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
        source = self.mapping(value, path, ("points", "edges"))
        taken: set[str] = set()
        points = tuple(self.name(name, f"{path}.points[{index}]", taken) for index, name in enumerate(self.rows(source.get("points"), f"{path}.points")))
        edges = []
        for index, edge in enumerate(self.rows(source.get("edges", []), f"{path}.edges")):
            if isinstance(edge, list) and len(edge) == 2 and all(type(end) is int and 0 <= end < len(points) for end in edge):
                edges.append((edge[0], edge[1]))
            else:
                self.fault(f"{path}.edges[{index}]", f"must be two places from 0 to {max(len(points) - 1, 0)}")
        return points, tuple(edges)

    def label(self, value: Any, index: int, taken: set[str], keys: set[str]) -> Label | None:
        path = f"labels[{index}]"
        source = self.mapping(value, path, ("name", "kinds", "color", "hotkey", "attributes", "skeleton", "title", "description", "group"))
        if not source:
            return None
        name = self.name(source.get("name"), f"{path}.name", taken)
        self.words(source, path)
        kinds = self.rows(source.get("kinds"), f"{path}.kinds")
        for place, kind in enumerate(kinds):
            if kind not in KINDS:
                self.fault(f"{path}.kinds[{place}]", f"must be one of {', '.join(KINDS)}")
        if not kinds:
            self.fault(f"{path}.kinds", "must name at least one kind")
        colour = source.get("color", COLOURS[index % len(COLOURS)])
        if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
            self.fault(f"{path}.color", "must be a colour like #2b8a3e")
        hotkey = source.get("hotkey", "")
        if hotkey != "" and (not isinstance(hotkey, str) or not _HOTKEY.fullmatch(hotkey)):
            self.fault(f"{path}.hotkey", "must be one letter or digit")
        elif hotkey and hotkey in keys:
            self.fault(f"{path}.hotkey", f"{hotkey!r} is another label's already")
        keys.add(str(hotkey))
        points, edges = self.skeleton(source["skeleton"], f"{path}.skeleton") if source.get("skeleton") is not None else ((), ())
        attributes = self.attributes(source.get("attributes", []), f"{path}.attributes")
        return Label(name, tuple(str(kind) for kind in kinds), str(colour), str(hotkey), attributes, points, edges, index)

    def relation(self, value: Any, path: str, taken: set[str], labels: Mapping[str, Label]) -> Relation | None:
        source = self.mapping(value, path, ("name", "from", "to", "title", "description", "group"))
        if not source:
            return None
        self.words(source, path)
        ends = []
        for side in ("from", "to"):
            names = self.rows(source.get(side, []), f"{path}.{side}")
            for index, name in enumerate(names):
                if not isinstance(name, str) or name not in labels:
                    self.fault(f"{path}.{side}[{index}]", "names no label of this schema")
            ends.append(tuple(str(name) for name in names))
        return Relation(self.name(source.get("name"), f"{path}.name", taken), ends[0], ends[1])


def fault_of(attribute: Attribute, value: Any) -> str | None:
    """Why `value` is no value of the attribute, or None when it is one."""
    if attribute.type == "bool":
        return None if isinstance(value, bool) else "must be true or false"
    if attribute.type == "text":
        return None if isinstance(value, str) and len(value) <= 10_000 else "must be a text of at most 10,000 characters"
    if attribute.type == "number":
        if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST <= value <= LARGEST:
            return "must be a number"
        if attribute.min is not None and value < attribute.min:
            return f"must be at least {attribute.min:g}"
        return f"must be at most {attribute.max:g}" if attribute.max is not None and value > attribute.max else None
    if attribute.multiple:
        if not isinstance(value, list) or any(one not in attribute.options for one in value):
            return f"must be a list of {', '.join(attribute.options)}"
        return "names an option twice" if len(set(value)) < len(value) else None
    return None if isinstance(value, str) and value in attribute.options else f"must be one of {', '.join(attribute.options)}"


def parse(document: Any) -> Schema:
    """The schema of a document; `Invalid` with a path for each fault."""
    reader = _Reader()
    if not isinstance(document, dict):
        raise Invalid("a schema is a JSON object with labels", code="schema", fields={"": "must be an object"})
    source = reader.mapping(document, "", ("labels", "item", "relations"))
    taken: set[str] = set()
    keys: set[str] = set()
    entries = reader.rows(source.get("labels", []), "labels")
    labels = {made.name: made for index, entry in enumerate(entries) if (made := reader.label(entry, index, taken, keys)) is not None}
    item = reader.attributes(source.get("item", []), "item")
    names: set[str] = set()
    relations: dict[str, Relation] = {}
    for index, entry in enumerate(reader.rows(source.get("relations", []), "relations")):
        if (link := reader.relation(entry, f"relations[{index}]", names, labels)) is not None:
            relations[link.name] = link
    if not entries and not item and "labels" not in reader.fields:
        reader.fault("labels", "a schema has at least one label or item attribute")
    if reader.fields:
        path, why = next(iter(reader.fields.items()))
        raise Invalid(f"{path}: {why}" if path else why, code="schema", fields=reader.fields)
    return Schema(document, labels, item, relations)


@lru_cache(maxsize=512)
def parsed(text: str) -> Schema:
    """The schema of a stored canonical text; kept, since the hot routes ask for the same few again and again."""
    return parse(canonical.loads_strict(text))


def propose(labels: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Any]:
    """A schema document for names and the kinds each came with: colours and hotkeys given in order."""
    made = []
    for index, (name, kinds) in enumerate(labels):
        entry: dict[str, Any] = {"name": name, "kinds": list(kinds) or ["box"], "color": COLOURS[index % len(COLOURS)]}
        if index < 9:
            entry["hotkey"] = str(index + 1)
        made.append(entry)
    return {"labels": made}

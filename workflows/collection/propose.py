"""A label schema from what an export holds: its label names, the kinds of their objects, attributes that say something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from annotate.labels import schema as schemas
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from annotate.projects.services import change_schema
from workflows.collection.importers.found import LabelDoc

MOST_OPTIONS = 30  # different words beyond which an attribute is free text
TAGS = "category"  # what an attribute of words without a name is called


@dataclass
class Seen:
    """What was seen of one label."""

    count: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    skeleton: dict[str, Any] | None = None


@dataclass
class Said:
    """The values of one attribute of items: different words, numbers, flags, and whether several stood together."""

    words: dict[str, None] = field(default_factory=dict)
    several: bool = False
    numbers: bool = False
    flags: bool = False

    def see(self, value: Any) -> None:
        if isinstance(value, bool):
            self.flags = True
        elif isinstance(value, int | float):
            self.numbers = True
        else:
            words = [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str) and word]
            self.several = self.several or len(words) > 1
            if len(self.words) <= MOST_OPTIONS:
                self.words |= dict.fromkeys(words)

    def attribute(self, name: str) -> dict[str, Any] | None:
        if self.words:
            if len(self.words) > MOST_OPTIONS or not all(map(_is_name, self.words)):
                return None if self.several else {"name": name, "type": "text"}
            return {"name": name, "type": "choice", "options": sorted(self.words)} | ({"multiple": True} if self.several else {})
        return {"name": name, "type": "bool"} if self.flags else {"name": name, "type": "number"} if self.numbers else None


@dataclass
class Survey:
    pictures: int = 0
    objects: int = 0
    labels: dict[str, Seen] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)  # bool attributes that are true somewhere
    texts: dict[str, dict[str, None]] = field(default_factory=dict)  # the different words of text attributes, as they came
    item: dict[str, Said] = field(default_factory=dict)  # values of items by name; TAGS are those without one
    relations: dict[str, None] = field(default_factory=dict)

    @property
    def attributes(self) -> list[dict[str, Any]]:
        """Attributes for a schema: flags, choices among few words, else free text."""
        found: list[dict[str, Any]] = [{"name": name, "type": "bool"} for name in sorted(self.flags) if _is_name(name)]
        for name, words in sorted(self.texts.items()):
            if name not in self.flags and _is_name(name):
                choice = len(words) <= MOST_OPTIONS and all(_is_name(word) for word in words)
                found.append({"name": name, "type": "choice", "options": sorted(words)} if choice else {"name": name, "type": "text"})
        return found


    @property
    def item_attributes(self) -> list[dict[str, Any]]:
        """Attributes of the item for a schema, by the same rule."""
        return [made for name, said in self.item.items() if _is_name(name) and (made := said.attribute(name)) is not None]


def _is_name(text: str) -> bool:
    """Whether a schema takes the text as an attribute's or option's name."""
    return 0 < len(text) <= 100 and text.isprintable() and text == text.strip()


def survey(docs: Iterable[LabelDoc]) -> Survey:
    """Counts over the documents. An object counts under the kind that it would become if its label allowed all."""
    found = Survey()
    for doc in docs:
        found.pictures += 1
        for name, value in [*doc.item.items(), *([(TAGS, list(doc.tags))] if doc.tags else [])]:
            found.item.setdefault(str(name), Said()).see(value)
        found.relations |= dict.fromkeys(link.label for link in doc.links)
        for thing in doc.objects:
            found.objects += 1
            seen = found.labels.setdefault(thing.label, Seen())
            seen.count += 1
            seen.kinds[next(iter(thing.shapes))] += 1
            seen.skeleton = seen.skeleton or doc.skeletons.get(thing.label)
            for name, value in thing.attributes.items():
                if value is True:
                    found.flags.add(str(name))
                elif isinstance(value, str) and value:
                    words = found.texts.setdefault(str(name), {})
                    if len(words) <= MOST_OPTIONS:
                        words[value] = None
    return found


def propose(found: Survey) -> dict[str, Any]:
    """A schema document for the survey: labels in order of how often they occur, `bool` attributes where any is true, choices of few words."""
    ranked = sorted(found.labels.items(), key=lambda pair: (-pair[1].count, pair[0]))
    document = schemas.propose([(name, [kind for kind, _n in seen.kinds.most_common()]) for name, seen in ranked])
    for label in document.get("labels", []):
        seen = found.labels.get(label["name"])
        if attributes := found.attributes:
            label["attributes"] = attributes
        if seen is not None and seen.skeleton and "keypoints" in label["kinds"]:
            label["skeleton"] = seen.skeleton
    if item := found.item_attributes:
        document["item"] = item
    if relations := [{"name": name} for name in found.relations if _is_name(name)]:
        document["relations"] = relations
    return document


def extend_schema(project: Project, docs: Iterable[LabelDoc], *, by: Actor) -> int:
    """Id of a schema version that knows every label of the documents: the current one, or a new one with the rest added."""
    current = current_schema(project.pk)
    known = {label["name"] for label in current.content.get("labels", [])}
    found = survey(docs)
    found.labels = {name: seen for name, seen in found.labels.items() if name not in known}
    if not found.labels:
        return current.pk
    found.flags, found.texts = set(), {}
    document = deepcopy(current.content)
    document["labels"] = [*document.get("labels", []), *(_plain(label) for label in propose(found)["labels"])]
    return change_schema(project, document, by=by).pk


def _plain(label: dict[str, Any]) -> dict[str, Any]:
    """Without a hotkey, which may be taken."""
    return {name: value for name, value in label.items() if name != "hotkey"}

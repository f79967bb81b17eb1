"""First reading of an upload with labels: what the label files say, which pictures came along, and which belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from annotate.items.models import Upload
from annotate.kernel.errors import Invalid, TooLarge
from workflows.collection.importers import FORMATS
from workflows.collection.importers.found import LabelDoc, Problem
from workflows.collection.ingest.archives import Member, Refused
from workflows.collection.ingest.matching import Ambiguous, Names
from workflows.collection.ingest.names import ending, is_picture_name
from workflows.collection.ingest.walking import seekable, walk

LARGEST_LABEL_FILE = 1024**3


@dataclass(frozen=True)
class Labels:
    """One picture's labels and the label file that they stand in."""

    doc: LabelDoc
    path: str


@dataclass
class Plan:
    """`by_picture` maps the place of a picture among `pictures` to its labels; `alone` are labels without such a picture."""

    pictures: list[str] = field(default_factory=list)
    labels: list[Labels] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: int = 0
    refused: int = 0
    by_picture: dict[int, list[LabelDoc]] = field(default_factory=dict)
    alone: list[Labels] = field(default_factory=list)


def read_labels(members: Iterable[Member | Refused], format: str) -> Plan:
    """Everything the label files of this format say; other files that are not pictures are ignored and counted."""
    suffixes, reader = FORMATS[format]
    plan = Plan()
    for member in members:
        if isinstance(member, Refused):
            plan.refused += 1
        elif is_picture_name(member.path):
            plan.pictures.append(member.path)
        elif ending(member.path) not in suffixes:
            plan.ignored += 1
        else:
            try:
                with seekable(member) as content:
                    for found in reader(content, member.place):
                        if isinstance(found, Problem):
                            plan.problems.append(found)
                        else:
                            plan.labels.append(Labels(found, member.path))
            except (Invalid, TooLarge) as error:
                plan.problems.append(Problem(member.place, error.code, error.detail))
    return plan


def make_plan(upload: Upload, format: str) -> Plan:
    """`read_labels` of the upload, matched to the pictures in it."""
    plan = read_labels(walk(upload), format)
    names = Names(plan.pictures)
    for labels in plan.labels:
        try:
            index = _find(names, labels)
        except Ambiguous as error:
            plan.problems.append(ambiguous(labels.doc, error))
            continue
        if index is None:
            plan.alone.append(labels)
        else:
            plan.by_picture.setdefault(index, []).append(labels.doc)
    return plan


def _find(names: Names, labels: Labels) -> int | None:
    return names.find(labels.doc.file, other_name=labels.doc.other_name, label_path=labels.path)


def ambiguous(doc: LabelDoc, error: Ambiguous) -> Problem:
    return Problem(f"{doc.place}: {doc.file}", "ambiguous", f"several pictures fit the name equally well: {error}")


@dataclass(frozen=True)
class Alone:
    """Labels without a picture in the upload: `index` of the known key that is meant, or None."""

    docs: tuple[LabelDoc, ...]
    index: int | None = None
    problem: Problem | None = None


def group_alone(plan: Plan, keys: Iterable[str]) -> Iterator[Alone]:
    """The labels without an uploaded picture, all of one picture together, matched to items by `keys`."""
    names = Names(keys)
    groups: dict[object, list[LabelDoc]] = {}
    problems: list[Problem] = []
    for labels in plan.alone:
        try:
            index = _find(names, labels)
        except Ambiguous as error:
            problems.append(ambiguous(labels.doc, error))
            continue
        groups.setdefault(labels.doc.file if index is None else index, []).append(labels.doc)
    for group, docs in groups.items():
        yield Alone(tuple(docs), group if isinstance(group, int) else None)
    for problem in problems:
        yield Alone((), problem=problem)

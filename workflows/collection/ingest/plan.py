"""First reading of an upload with labels: what the label files say, which pictures came along, and which belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import orjson

from annotate.items.models import Upload
from annotate.kernel.errors import Invalid, TooLarge
from workflows.collection.importers import FORMATS, GATHERED
from workflows.collection.importers.found import LabelDoc, Problem
from workflows.collection.ingest.archives import Member, Refused
from workflows.collection.ingest.matching import Ambiguous, Names
from workflows.collection.ingest.names import ending, is_picture_name
from workflows.collection.ingest.walking import seekable, walk

LARGEST_LABEL_FILE = 1024**3
RENAMED = "sluice-names.ndjson"  # of our own exports: which key each name stands for
_PAINTED = re.compile(r"segmentation(class|object)(raw|aug)?|panoptic_[^/]*", re.IGNORECASE)  # folders of such pictures


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
    keys: dict[str, str] = field(default_factory=dict)  # by names and stems of one of our own exports


def is_picture(path: str) -> bool:
    """Whether the file is a picture to label, and not one of labels, as VOC's and COCO's data sets have beside them."""
    return is_picture_name(path) and not any(_PAINTED.fullmatch(step) for step in path.split("/")[:-1])


def read_labels(members: Iterable[Member | Refused], format: str) -> Plan:
    """Everything the label files of this format say; other files that are not pictures are ignored and counted."""
    suffixes, reader = FORMATS[format]
    gathered = GATHERED[format]() if format in GATHERED else None
    plan = Plan()

    def keep(found: LabelDoc | Problem, path: str) -> None:
        if isinstance(found, Problem):
            plan.problems.append(found)
        else:
            plan.labels.append(Labels(found, path))

    for member in members:
        if isinstance(member, Refused):
            plan.refused += 1
        elif is_picture(member.path):
            plan.pictures.append(member.path)
        elif member.path.rpartition("/")[2] == RENAMED:
            _read_names(member, plan)
        elif ending(member.path) not in suffixes:
            plan.ignored += 1
        else:
            try:
                with seekable(member) as content:
                    if gathered is not None:
                        gathered.take(content, member.place, member.path)
                    else:
                        for found in reader(content, member.place):
                            keep(found, member.path)
            except (Invalid, TooLarge) as error:
                plan.problems.append(Problem(member.place, error.code, error.detail))
    if gathered is not None:
        for found, path in gathered.finish(plan.pictures):
            keep(found, path)
        plan.ignored += gathered.ignored
    return plan


def _read_names(member: Member, plan: Plan) -> None:
    try:
        with seekable(member) as content:
            for line in content:
                entry = orjson.loads(line)
                name, key = str(entry["name"]), str(entry["key"])
                plan.keys |= {name: key, PurePosixPath(name).stem: key}
    except (Invalid, TooLarge, ValueError, TypeError, KeyError):
        plan.ignored += 1


def make_plan(upload: Upload, format: str) -> Plan:
    """`read_labels` of the upload, matched to the pictures in it."""
    plan = read_labels(walk(upload), format)
    names = Names(plan.pictures)
    for labels in plan.labels:
        try:
            index = _find(names, labels, plan.keys)
        except Ambiguous as error:
            plan.problems.append(ambiguous(labels.doc, error))
            continue
        if index is None:
            plan.alone.append(labels)
        else:
            plan.by_picture.setdefault(index, []).append(labels.doc)
    return plan


def _find(names: Names, labels: Labels, keys: dict[str, str]) -> int | None:
    if labels.doc.text is not None:
        return None
    key = keys.get(labels.doc.file) or keys.get(labels.doc.other_name) or keys.get(labels.doc.file.rpartition("/")[2])
    if key is not None and (index := names.exact(key)) is not None:
        return index
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
            index = _find(names, labels, plan.keys)
        except Ambiguous as error:
            problems.append(ambiguous(labels.doc, error))
            continue
        groups.setdefault(labels.doc.file if index is None else index, []).append(labels.doc)
    for group, docs in groups.items():
        yield Alone(tuple(docs), group if isinstance(group, int) else None)
    for problem in problems:
        yield Alone((), problem=problem)

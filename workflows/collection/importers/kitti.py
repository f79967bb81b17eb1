"""KITTI objects: a text file of 15 columns a line per picture, 16 where a score was added. Pure.

A box is [left, top, right - left, bottom - top] in pixels. `truncated` and `occluded` become attributes; what else is known
(angles, size and place in space) does too, and is counted as dropped where the label has no such attribute. DontCare is a
label as any other: a schema that has it keeps these regions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, Any

from workflows.collection.importers.found import Found, LabelDoc, Problem
from workflows.collection.importers.gathering import Pictures, nearest

SUFFIXES = (".txt", ".json")
LARGEST = 16 * 1024**2
COLUMNS = (15, 16)


class KittiUpload:
    def __init__(self) -> None:
        self.ignored = 0
        self._labels: list[tuple[str, str, str]] = []  # (text, place, path)
        self._names: dict[str, dict[str, str]] = {}  # by folder: what the types of our own exports stand for
        self._problems: list[tuple[Problem, str]] = []

    def take(self, file: IO[bytes], place: str, path: str) -> None:
        content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            self._problems.append((Problem(place, "too_large", "a picture's label file has at most 16 MB"), path))
            return
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._problems.append((Problem(place, "not_utf8", "not UTF-8"), path))
            return
        if path.lower().endswith(".json"):
            self._named(text, path)
        elif not text.strip() or any(_is_line(line.split()) for line in text.splitlines()):
            self._labels.append((text, place, path))
        elif "label" in PurePosixPath(path).parent.name.lower() and text[:1] not in "#*":
            self._problems.append((Problem(place, "not_kitti", "no line has 15 columns: type, 14 numbers"), path))
        else:
            self.ignored += 1

    def _named(self, text: str, path: str) -> None:
        try:
            found = json.loads(text)["names"]
        except (ValueError, RecursionError, TypeError, KeyError):
            found = None
        if isinstance(found, dict) and all(isinstance(name, str) for name in found.values()):
            self._names[path.rpartition("/")[0]] = found
        else:
            self.ignored += 1

    def finish(self, pictures: Sequence[str]) -> Iterator[tuple[LabelDoc | Problem, str]]:
        yield from self._problems
        came = Pictures(pictures)
        for text, place, path in self._labels:
            folder = nearest(path, self._names)
            names = self._names[folder] if folder is not None else {}
            file = came.of(path) or f"{PurePosixPath(path).stem}.png"
            yield _document(text, place, path, file, names), path


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """One label file alone."""
    upload = KittiUpload()
    upload.take(file, place, place)
    return (found for found, _path in upload.finish(()))


def _document(text: str, place: str, path: str, file: str, names: dict[str, str]) -> LabelDoc:
    objects: list[Found] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{place} line {number}"
        try:
            objects.append(_found(line.split(), names, where))
        except ValueError as error:
            problems.append(Problem(where, "bad_line", str(error), whole=False))
    return LabelDoc(file, place, objects=tuple(objects), problems=tuple(problems), other_name=PurePosixPath(path).stem)


def _numbers(words: list[str]) -> list[float] | None:
    try:
        values = [float(word) for word in words]
    except ValueError:
        return None
    return values if all(math.isfinite(value) for value in values) else None


def _is_line(words: list[str]) -> bool:
    return len(words) in COLUMNS and _numbers(words[1:]) is not None


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value


def _found(words: list[str], names: dict[str, str], place: str) -> Found:
    if len(words) not in COLUMNS:
        raise ValueError(f"a line has 15 columns, or 16 with a score, not {len(words)}")
    values = _numbers(words[1:])
    if values is None:
        raise ValueError("columns 2 to 15 are numbers")
    truncated, occluded, alpha, left, top, right, bottom, *space = values
    attributes: dict[str, Any] = {}
    if truncated >= 0:
        attributes["truncated"] = _plain(truncated)
    if occluded >= 0:
        attributes["occluded"] = _plain(occluded)
    known = {"alpha": [alpha], "dimensions": space[:3], "location": space[3:6], "rotation_y": space[6:7]}
    for name, numbers in known.items():
        if not all(number in (-1, -10, -1000, 0) for number in numbers):
            attributes[name] = " ".join(f"{number:g}" for number in numbers)
    box = [_plain(left), _plain(top), _plain(right - left), _plain(bottom - top)]
    return Found(names.get(words[0], words[0]), {"box": ({"box": box},)}, attributes, place, values[14] if len(values) == 15 else None)

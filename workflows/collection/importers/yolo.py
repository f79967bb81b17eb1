"""YOLO: a text file of lines per picture, in the layouts of Ultralytics, Roboflow and Darknet. Pure.

What a line is follows from `data.yaml` (`task`, `kpt_shape`) and its length: class and 4 numbers a box (5: with a score), as
many as `kpt_shape` asks a pose, 8 that are a rectangle's corners a turned box, any other even number a polygon. Numbers are
shares of the picture's size. Without label files, a picture's folder (or `labels.txt` of our own export) is its class.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, Any

from workflows.collection.importers.found import Found, LabelDoc, Problem, clean_file_name
from workflows.collection.importers.gathering import Pictures, nearest
from workflows.collection.importers.yolo_classes import Classes, from_lines, from_yaml

SUFFIXES = (".txt", ".yaml", ".yml", ".names", ".data", ".labels")
_NAME_FILES = frozenset(("classes.txt", "obj.names", "_darknet.labels", "predefined_classes.txt"))
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif")
LARGEST = 16 * 1024**2  # of one picture's labels
SPLITS = frozenset(("train", "val", "valid", "validation", "test", "training", "testing", "dev"))


class YoloUpload:
    def __init__(self) -> None:
        self.ignored = 0
        self._classes: dict[str, Classes] = {}  # by folder; YAML before lists of names
        self._yaml: set[str] = set()
        self._labels: list[tuple[str, str, str]] = []  # (text, place, path)
        self._listed: list[str] = []  # pictures that lists name
        self._chosen: dict[str, str] = {}  # class by picture, of our own export
        self._problems: list[tuple[Problem, str]] = []

    def take(self, file: IO[bytes], place: str, path: str) -> None:
        name, folder = path.rpartition("/")[2].lower(), path.rpartition("/")[0]
        content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            self._problems.append((Problem(place, "too_large", "a picture's label file has at most 16 MB"), path))
        elif name.endswith((".yaml", ".yml")):
            self._named(folder, content, place, path)
        elif name in _NAME_FILES or name.endswith((".names", ".labels")):
            if folder not in self._yaml:
                try:
                    self._classes[folder] = from_lines(content)
                except ValueError as error:
                    self._problems.append((Problem(place, "bad_names", str(error)), path))
        elif not name.endswith(".data"):
            self._text(content, place, path)

    def _named(self, folder: str, content: bytes, place: str, path: str) -> None:
        try:
            self._classes[folder] = from_yaml(content)
            self._yaml.add(folder)
        except ValueError as error:
            self._problems.append((Problem(place, "bad_yaml", str(error)), path))

    def _text(self, content: bytes, place: str, path: str) -> None:
        """A text file: labels, a list of pictures, our own list of classes, or something that is none of YOLO's."""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self._problems.append((Problem(place, "not_utf8", "not UTF-8"), path))
            return
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines or any(_is_number(line.split()[0]) for line in lines):
            self._labels.append((text, place, path))
        elif all("\t" in line for line in lines):
            self._chosen |= dict(line.rsplit("\t", 1) for line in lines)  # type: ignore[misc]
        elif all(line.strip().lower().endswith(_PICTURES) for line in lines):
            self._listed += [clean_file_name(line.strip()) for line in lines]
        else:
            self.ignored += 1

    def finish(self, pictures: Sequence[str]) -> Iterator[tuple[LabelDoc | Problem, str]]:
        yield from self._problems
        if not self._labels and not self._classes.keys() & self._yaml:
            yield from self._whole(pictures)
            return
        came, listed = Pictures(pictures), Pictures(self._listed)
        for text, place, path in self._labels:
            file = came.of(path) or listed.of(path) or f"{PurePosixPath(path).with_suffix('')}.jpg"
            yield self._document(text, place, path, file), path

    def _whole(self, pictures: Sequence[str]) -> Iterator[tuple[LabelDoc | Problem, str]]:
        for path in pictures:
            told = next((self._chosen[end] for end in _ends(path) if end in self._chosen), "")
            folder = PurePosixPath(path).parent.name
            chosen = told or (folder if folder.lower() not in SPLITS else "")
            if chosen:
                yield LabelDoc(file=path, place=path, tags=(chosen,)), path

    def _document(self, text: str, place: str, path: str, file: str) -> LabelDoc | Problem:
        folder = nearest(path, self._classes)
        lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if folder is None and lines:
            return Problem(place, "no_class_names", "nothing says what the classes are called: send data.yaml, classes.txt or obj.names along")
        classes = self._classes[folder] if folder is not None else Classes({})
        objects: list[Found] = []
        problems: list[Problem] = []
        for number, words in lines:
            where = f"{place} line {number}"
            try:
                objects.append(_found(words, classes, where))
            except ValueError as error:
                problems.append(Problem(where, "bad_line", str(error), whole=False))
        skeletons = {}
        if classes.points:
            for number, name in classes.names.items():
                points = classes.point_names.get(number) or [str(n + 1) for n in range(classes.points)]
                skeletons[name] = {"points": points[: classes.points], "edges": []}
        stem = PurePosixPath(path).stem
        return LabelDoc(file, place, objects=tuple(objects), problems=tuple(problems), other_name=stem, skeletons=skeletons, relative=True)


def read(file: IO[bytes], place: str) -> Iterator[LabelDoc | Problem]:
    """One label file alone; its classes have no names then."""
    upload = YoloUpload()
    upload.take(file, place, place)
    return (found for found, _path in upload.finish(()))


def _ends(path: str) -> Iterator[str]:
    """The path, then without its first step, and so on."""
    parts = path.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts)))


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word)) and "_" not in word
    except ValueError:
        return False


def _found(words: list[str], classes: Classes, place: str) -> Found:
    """The line's object; `ValueError` says what is wrong with the line."""
    if not all(_is_number(word) for word in words):
        raise ValueError("a line is numbers: a class and shares of the picture's size")
    number = float(words[0])
    if number != int(number) or number < 0:
        raise ValueError(f"the class must be a whole number, not {words[0][:20]}")
    label = classes.names.get(int(number))
    if label is None:
        raise ValueError(f"there is no class {int(number)} among the {len(classes.names)} names")
    values = [float(word) for word in words[1:]]
    shapes, score = _shapes(values, int(number), classes)
    flat = [value for pieces in shapes.values() for piece in pieces for part in piece.values() for value in _flat(part)]
    if any(not -0.5 <= value <= 1.5 for value in flat):
        raise ValueError(f"{label}: the numbers must be shares of the picture's size, from 0 to 1")
    return Found(label, shapes, place=place, score=score)


def _flat(part: Any) -> Iterator[float]:
    for one in part:
        yield from one[:2] if isinstance(one, list) else (one,)


def _box(points: list[list[float]]) -> dict[str, Any]:
    across, down = [point[0] for point in points], [point[1] for point in points]
    left, top, right, bottom = min(across), min(down), max(across), max(down)
    return {"centre": [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]}


def _shapes(values: list[float], number: int, classes: Classes) -> tuple[dict[str, tuple[dict[str, Any], ...]], float | None]:
    count = len(values)
    if classes.points and count == 4 + classes.points * classes.values:
        return _pose(values, number, classes), None
    if count in (4, 5):
        return {"box": ({"centre": values[:4]},)}, values[4] if count == 5 else None
    if count < 6 or (count % 2 and count != 9):
        raise ValueError(f"a line of {count + 1} numbers is none of YOLO's forms")
    score = values.pop() if count == 9 else None
    points = [[values[at], values[at + 1]] for at in range(0, len(values), 2)]
    if len(points) == 4 and classes.task != "segment":  # whether they are a rectangle's shows in pixels
        return {"box": ({"corners": points},), "polygon": ({"points": points},)}, score
    return {"polygon": ({"points": points},), "box": (_box(points),)}, score


def _pose(values: list[float], number: int, classes: Classes) -> dict[str, tuple[dict[str, Any], ...]]:
    step = classes.values
    rows = [values[at : at + step] for at in range(4, len(values), step)]
    points = [[x, y, int(more[0]) if more else 2 * (x > 0 or y > 0)] for x, y, *more in rows]
    if names := classes.point_names.get(number):
        points = points[: len(names)]
    shapes: dict[str, tuple[dict[str, Any], ...]] = {}
    if any(point[2] for point in points):
        shapes["keypoints"] = ({"points": points},)
    if values[2] > 0 and values[3] > 0:
        shapes["box"] = ({"centre": values[:4]},)
    if not shapes:
        raise ValueError("the row has neither a box nor a labelled point")
    return shapes

"""Formats whose label files say little alone: numbers for classes that another file names, no word of their picture.

A `Gathering` is made once per upload. It is handed every file of the format's endings in whatever order they come, keeps what
it needs of them, and says at the end what they meant together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, Protocol

from workflows.collection.importers.found import LabelDoc, Problem

# What folders are called that part pictures from their labels, and say nothing more.
_ROLES = frozenset(
    ("images", "labels", "image", "label", "annotations", "image_2", "label_2", "image_02", "label_02", "jpegimages", "imgs", "txt", "data", "obj_train_data", "obj_valid_data")
)


class Gathering(Protocol):
    ignored: int  # files that turned out to be neither labels nor companions of them

    def take(self, file: IO[bytes], place: str, path: str) -> None:
        """A file: `place` is what reports call it, `path` where it lies in the upload."""

    def finish(self, pictures: Sequence[str]) -> Iterator[tuple[LabelDoc | Problem, str]]:
        """(labels or problem, path of its file); `pictures` are the paths of the pictures that came along."""


def _meaning(path: str) -> tuple[str, ...]:
    """A path's steps without those that only part pictures from labels, and without the ending."""
    pure = PurePosixPath(path)
    return (*(step for step in pure.parent.parts if step.lower() not in _ROLES), pure.stem)


class Pictures:
    """Pictures by the label files that belong to them: the same path, but for `images` and `labels`."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._found: dict[tuple[str, ...], str | None] = {}
        for path in paths:
            meaning = _meaning(path)
            self._found[meaning] = None if meaning in self._found else path

    def of(self, label_path: str) -> str:
        """The picture's path, "" where none or several fit."""
        return self._found.get(_meaning(label_path)) or ""


def nearest(path: str, folders: Iterable[str]) -> str | None:
    """Of the folders, the one whose path has most in common with the file's from the top; of equals the shortest."""
    steps = PurePosixPath(path).parent.parts

    def common(folder: str) -> tuple[int, int]:
        parts = PurePosixPath(folder).parts
        same = 0
        while same < min(len(parts), len(steps)) and parts[same] == steps[same]:
            same += 1
        return same, -len(parts)

    return max(folders, key=common, default=None)

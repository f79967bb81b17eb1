"""Which picture a label file means: by name, since names are all that label files have. Pure.

A name matches a key that equals it, else one that lies beside the label file, else the one key that ends in the same path,
else in the same file name, else one of the same stem. Two equally good keys are no match: the labels are refused, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath


class Ambiguous(Exception):
    """Several pictures fit equally well; holds some of their keys."""


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    return PurePosixPath(path).stem.lower()


def _words(path: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", path.lower()))


class Names:
    """Keys of pictures, to be found by the names that label files use. Of equal keys the first counts."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._exact: dict[str, int] = {}
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for index, key in enumerate(keys):
            if key in self._exact:
                continue
            self._exact[key] = index
            self._by_name.setdefault(_name(key), []).append(key)
            self._by_stem.setdefault(_stem(key), []).append(key)

    def __len__(self) -> int:
        return len(self._exact)

    def exact(self, key: str) -> int | None:
        """Index of just this key."""
        return self._exact.get(key)

    def find(self, file: str, *, other_name: str = "", label_path: str = "") -> int | None:
        """Index of the key that is meant, None when there is none; raises `Ambiguous`."""
        key = self._find(file, label_path)
        if key is None and other_name:
            key = self._nearest(self._by_stem.get(other_name.lower(), ()), other_name, label_path)
        return None if key is None else self._exact[key]

    def _find(self, file: str, label_path: str) -> str | None:
        if file in self._exact:
            return file
        folder = PurePosixPath(label_path).parent
        for near in (folder, *folder.parents):
            beside = str(near / file)
            if beside in self._exact:
                return beside
        named = self._by_name.get(_name(file), [])
        ending = [key for key in named if key.endswith("/" + file) or file.endswith("/" + key)]
        if ending or named:
            return self._nearest(ending or named, file, label_path)
        return self._nearest(self._by_stem.get(_stem(file), ()), file, label_path)

    def _nearest(self, keys: Sequence[str], file: str, label_path: str) -> str | None:
        """The only key, or the one whose folders are named most like the label file's path."""
        if len(keys) < 2:
            return keys[0] if keys else None
        hints = _words(label_path) | _words(str(PurePosixPath(file).parent))
        ranked = sorted(keys, key=lambda key: len(_words(str(PurePosixPath(key).parent)) & hints), reverse=True)
        scores = [len(_words(str(PurePosixPath(key).parent)) & hints) for key in ranked[:2]]
        if scores[0] == scores[1]:
            raise Ambiguous(", ".join(ranked[:3]))
        return ranked[0]

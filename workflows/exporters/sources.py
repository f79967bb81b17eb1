"""An export as somebody holds it: a folder, a zip or a tar, read the same way. Pure."""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from workflows.exporters.manifest import MANIFEST


class NotAnExport(ValueError):
    """The path holds no export of Sluice; the words say what was looked for."""


class Source:
    """Files by their path inside the export. `open` raises `FileNotFoundError`."""

    def __init__(self, place: Path) -> None:
        self._archive: Any = None
        self._base = place
        if place.is_dir():
            self._names = {path.relative_to(place).as_posix(): path for path in _walk(place)}
        elif not place.exists():
            raise NotAnExport(f"{place} is not there")
        elif zipfile.is_zipfile(place):
            self._archive = zipfile.ZipFile(place)
            self._names = {info.filename: info for info in self._archive.infolist() if not info.is_dir()}
        elif tarfile.is_tarfile(place):
            self._archive = tarfile.open(place)  # noqa: SIM115  read until the program ends
            self._names = {member.name: member for member in self._archive if member.isfile()}
        else:
            raise NotAnExport(f"{place} is neither a folder nor a zip nor a tar")
        self._prefix = self._find_prefix(place)

    def _find_prefix(self, place: Path) -> str:
        """ "" or the one folder that everything was packed into."""
        found = sorted((name for name in self._names if name == MANIFEST or name.endswith("/" + MANIFEST)), key=len)
        if not found:
            raise NotAnExport(f"{place} holds no {MANIFEST}: is it an export of Sluice?")
        return found[0].removesuffix(MANIFEST)

    def names(self) -> Iterator[str]:
        return (name.removeprefix(self._prefix) for name in self._names if name.startswith(self._prefix))

    def __contains__(self, path: str) -> bool:
        return self._prefix + path in self._names

    def open(self, path: str) -> IO[bytes]:
        entry = self._names.get(self._prefix + path)
        if entry is None:
            raise FileNotFoundError(path)
        if isinstance(entry, Path):
            return entry.open("rb")
        opened: IO[bytes] = self._archive.open(entry) if isinstance(entry, zipfile.ZipInfo) else self._archive.extractfile(entry)
        return opened


def _walk(place: Path) -> Iterator[Path]:
    for folder, _folders, names in os.walk(place):
        for name in names:
            yield Path(folder, name)

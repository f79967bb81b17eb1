"""Files of a folder on this machine, in the order and under the names in which a command hands them in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.core.files import File

from annotate.kernel.errors import Invalid
from workflows.collection.ingest.walking import Source


class Folder:
    """A folder with everything below it, or one file. `Invalid` when it is not there, cannot be read or holds nothing."""

    def __init__(self, path: str) -> None:
        place = Path(path)
        self.files = [place] if place.is_file() else list(_below(place, path))
        self.root = place.parent if place.is_file() else place

    def sources(self) -> Iterator[Source]:
        """For reading the labels before anything is handed in."""
        return (Source(self._name(file), file.stat().st_size, partial(_opened, file)) for file in self.files)

    def handed_in(self) -> Iterator[tuple[str, Any]]:
        """(path below the folder, Django file), each open until the next is asked for."""
        for path in self.files:
            with path.open("rb") as file:
                yield self._name(path), File(file, name=path.name)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _refuse(error: OSError) -> None:
    raise Invalid(f"{error.filename} cannot be read: {error.strerror}")


def _below(root: Path, called: str) -> Iterator[Path]:
    """Every file below; hidden ones and links are passed over."""
    if not root.is_dir():
        raise Invalid(f"there is no folder or file {called!r}")
    count = 0
    for current, folders, names in os.walk(root, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(current, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                count += 1
                yield path
    if not count:
        raise Invalid(f"the folder {called!r} holds no files")

"""Files of an upload that wait for others, on disk: in memory are their names only. Pure but for a temporary file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO


@dataclass(frozen=True)
class Kept:
    """A file that waits: `place` is what reports call it, `path` where it lies in the upload."""

    place: str
    path: str
    start: int
    size: int

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem


class Spool:
    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0

    def keep(self, content: bytes, place: str, path: str) -> Kept:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="sluice-labels-")  # noqa: SIM115  it goes with the spool
        self._file.seek(self._end)
        self._file.write(content)
        kept = Kept(place, path, self._end, len(content))
        self._end += len(content)
        return kept

    def read(self, kept: Kept) -> bytes:
        assert self._file is not None
        self._file.seek(kept.start)
        return self._file.read(kept.size)


def below(path: str) -> Iterator[str]:
    """The path, then without its first step, and so on: what it may be called by who knows less of where it lies."""
    steps = path.split("/")
    return ("/".join(steps[start:]) for start in range(len(steps)))

"""What a writer writes to: files of one folder, each with its size and sha256 taken while it is written. Pure."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """A file of the export: its path inside the export, its size in bytes and its sha256 in hex."""

    path: str
    size: int
    sha256: str


class Listing:
    """Files in the order in which they were closed, kept in a file: formats with one per item have a million."""

    def __init__(self) -> None:
        self._lines = tempfile.TemporaryFile(buffering=CHUNK)  # noqa: SIM115  goes with the export
        self._count = 0

    def append(self, done: Written) -> None:
        self._lines.write(f"{done.size}\t{done.sha256}\t{done.path}\n".encode("utf-8", "surrogatepass"))
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Written]:
        """Those that are there now."""
        self._lines.flush()
        place, rest, left = 0, b"", self._count
        while left:
            part = os.pread(self._lines.fileno(), CHUNK, place)
            place += len(part)
            *lines, rest = (rest + part).split(b"\n")
            for line in lines[:left]:
                size, sha256, path = line.decode("utf-8", "surrogatepass").split("\t", 2)
                yield Written(path, int(size), sha256)
            left -= min(left, len(lines))


class Counted:
    """A file open for writing that counts and hashes what goes in."""

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file, self.path, self.size, self._digest = file, path, 0, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)

    def copy(self, source: IO[bytes]) -> None:
        """All of `source` from its beginning."""
        source.seek(0)
        while chunk := source.read(CHUNK):
            self.write(chunk)

    def close(self) -> Written:
        self._file.close()
        return Written(self.path, self.size, self._digest.hexdigest())


class Folder:
    """The files of one export under `root`; `written` lists them in the order in which they were closed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written: Listing | list[Written] = Listing()
        self._made: set[str] = set()  # folders that are there

    def open(self, path: str) -> Counted:
        """A new file; `path` is made of safe steps. Close it with `close`."""
        place = self._inside(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        return Counted(place.open("xb", buffering=CHUNK), path)

    def close(self, file: Counted) -> Written:
        done = file.close()
        self.written.append(done)
        return done

    def add(self, done: Written, path: str) -> None:
        """A file that was closed by itself, under the name that it is to have: for shards that say how many there are."""
        if path != done.path:
            if (self.root / path).exists():
                raise FileExistsError(path)
            (self.root / done.path).rename(self.root / path)
        self.written.append(replace(done, path=path))

    def put(self, path: str, content: bytes) -> None:
        """A whole small file, for formats that have one per item."""
        parent = path.rpartition("/")[0]
        if parent not in self._made:
            self._inside(path).parent.mkdir(parents=True, exist_ok=True)
            self._made.add(parent)
        with (self.root / path).open("xb", buffering=0) as file:
            file.write(content)
        self.written.append(Written(path, len(content), hashlib.sha256(content).hexdigest()))

    def _inside(self, path: str) -> Path:
        place = self.root / path
        if not place.resolve().is_relative_to(self.root.resolve()):
            raise ValueError("a file outside the export's folder")
        return place

    @contextmanager
    def new(self, path: str) -> Iterator[Counted]:
        """A file that is listed when the block ends well."""
        file = self.open(path)
        yield file
        self.close(file)

    def clear(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)

"""WebDataset: tar files `<split>-000000.tar` and so on, a sample's picture and its `.json` side by side. Pure.

A sample's JSON is the line that JSON lines would have. Its name is the key's without dots (`%2E` stands for one), since the first
dot parts a sample from its fields. Times and owners are zero, so that the same rows give the same bytes. The README tells
Hugging Face's `datasets` the fields' types, which it would otherwise guess from five samples.
"""

from __future__ import annotations

import tarfile
from typing import Any

from workflows.exporters import huggingface
from workflows.exporters.folder import CHUNK, Counted, Folder
from workflows.exporters.formats import About, Picture
from workflows.exporters.jsonl import line
from workflows.exporters.names import safe_step

SAMPLES, BYTES = 10_000, 256 * 1024**2  # of one tar
_ENDINGS = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif", "bmp": "bmp", "tif": "tiff", "tiff": "tiff"}
_FIRST = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"RIFF": "webp", b"GIF8": "gif", b"BM": "bmp", b"II*\0": "tiff", b"MM\0*": "tiff"}


def sample_name(name: str) -> str:
    """The name without dots.

    >>> sample_name("day.1/a.jpg")
    'day%2E1/a%2Ejpg'
    """
    return name.replace(".", "%2E")


def field_of(name: str, first: bytes) -> str:
    """What the picture's field is called: by the name's ending, else by the first bytes."""
    ending = _ENDINGS.get(name.rpartition(".")[2].lower())
    return ending or next((kind for mark, kind in _FIRST.items() if first.startswith(mark)), "bin")


class _Tars:
    """The tars of one split; each is begun by the sample that finds the last one full."""

    def __init__(self, folder: Folder, split: str) -> None:
        self._folder, self._split = folder, split
        self._file: Counted | None = None
        self._number = self._samples = self.count = 0
        self.fields: set[str] = set()

    def begin(self) -> None:
        """The next sample comes."""
        if self._file is not None and (self._samples >= SAMPLES or self._file.size >= BYTES):
            self.end()
        if self._file is None:
            self._file = self._folder.open(f"{safe_step(self._split)}-{self._number:06d}.tar")
            self._number, self._samples = self._number + 1, 0
        self._samples += 1
        self.count += 1

    def _head(self, key: str, field: str, size: int) -> Counted:
        assert self._file is not None
        self.fields.add(field)
        info = tarfile.TarInfo(f"{key}.{field}")
        info.size, info.mode = size, 0o444
        self._file.write(info.tobuf(tarfile.PAX_FORMAT))
        return self._file

    def add(self, key: str, field: str, content: bytes) -> None:
        file = self._head(key, field, len(content))
        file.write(content + b"\0" * (-len(content) % tarfile.BLOCKSIZE))

    def copy(self, key: str, name: str, picture: Picture) -> None:
        assert picture.open is not None
        with picture.open() as source:
            chunk = source.read(CHUNK)
            file = self._head(key, field_of(name, chunk), picture.size)
            left = picture.size
            while chunk:
                left -= len(chunk)
                file.write(chunk)
                chunk = source.read(CHUNK)
        if left:
            raise ValueError(f"{picture.stored} has another size than it had")
        file.write(b"\0" * (-picture.size % tarfile.BLOCKSIZE))

    def end(self) -> None:
        if self._file is not None:
            self._file.write(b"\0" * (2 * tarfile.BLOCKSIZE + -(self._file.size + 2 * tarfile.BLOCKSIZE) % tarfile.RECORDSIZE))
            self._folder.close(self._file)
            self._file = None


class WebDatasetWriter:
    def __init__(self, about: About, folder: Folder) -> None:
        self._about, self._folder = about, folder
        self._splits: dict[str, _Tars] = {}

    def take(self, row: Any, name: str, chosen: bool, picture: Picture | None = None) -> None:
        if not chosen or row.erased:
            return
        split = row.split or "all"
        tars = self._splits.setdefault(split, _Tars(self._folder, split))
        tars.begin()
        key = sample_name(name)
        if picture is not None:
            tars.copy(key, name, picture)
        elif row.text is not None:
            tars.add(key, "txt", row.text.encode())
        elif self._about.media != "include":
            self._about.notes["samples_without_picture"] += 1
        tars.add(key, "json", line(row))

    def finish(self) -> None:
        files, counts, fields = {}, {}, {"json"}
        for split, tars in self._splits.items():
            tars.end()
            name = huggingface.split_name("" if split == "all" else split)
            files[name], counts[name] = f"{safe_step(split)}-*.tar", tars.count
            fields |= tars.fields
        if files:
            string = {"dtype": "string", "_type": "Value"}
            kinds = {"json": {"_type": "Json"}, "txt": string, "bin": {"dtype": "binary", "_type": "Value"}}
            told = {"__key__": string, "__url__": string} | {field: kinds.get(field, {"_type": "Image"}) for field in sorted(fields)}
            huggingface.write_readme(self._about, self._folder, told, files, counts)

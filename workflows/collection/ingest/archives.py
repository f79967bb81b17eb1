"""Reading zip and tar archives from strangers: every member comes out as readable bytes or as a refusal with a reason.

Nothing is unpacked to disk by name. Sizes are counted on the real stream, since headers lie; one bad member costs only itself.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import IO, Any, cast

from annotate.kernel.errors import Invalid
from workflows.collection.ingest.names import ending, is_archive_name, is_litter, is_nested_archive, safe_path, shown

MOST_MEMBERS = 200_000
LARGEST_MEMBER = 1024**3
RATIO, RATIO_FROM = (
    250,
    8 * 1024**2,
)  # a member may not unpack to more than RATIO times its size, beyond RATIO_FROM bytes
TOTAL_RATIO, TOTAL_FREE = 100, 512 * 1024**2  # nor may the whole archive beyond its free allowance
# What the standard library throws at bytes that are not what they say.
CANNOT_READ = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    MemoryError,
)


@dataclass(frozen=True)
class Member:
    """A file to read: `path` its safe path in the upload, `place` what a report calls it. `open` may be called at once only."""

    path: str
    place: str
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Refused:
    place: str
    code: str
    detail: str


class Budget:
    """How many bytes an archive may still unpack to."""

    def __init__(self, packed: int) -> None:
        self.left = packed * TOTAL_RATIO + TOTAL_FREE

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Invalid("the archive unpacks to far more than its size", code="bomb")


class Counted:
    """A stream that stops with `Invalid` when it yields more than it may."""

    def __init__(self, stream: IO[bytes], budget: Budget | None, limit: int, words: str = "the file") -> None:
        self._stream, self._budget, self._left, self._words = stream, budget, limit, words

    def read(self, size: int = -1) -> bytes:
        part = self._stream.read(size if size >= 0 else 1 << 20)
        if size < 0:
            parts = [part]
            while part:
                self._count(len(part))
                part = self._stream.read(1 << 20)
                parts.append(part)
            return b"".join(parts)
        self._count(len(part))
        return part

    def _count(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise Invalid(f"{self._words} unpacks to more than it may", code="bomb")
        if self._budget is not None:
            self._budget.spend(count)

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Counted:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def kind_of(head: bytes, name: str) -> str:
    """ "zip", "tar" or "": by the name's ending; a name without one is judged by the first bytes."""
    lowered = name.lower()
    if lowered.endswith(".zip") or (head.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not ending(name)):
        return "zip"
    if is_archive_name(name) or (head[257:262] == b"ustar" and not ending(name)):
        return "tar"
    return ""


def members(file: IO[bytes], *, kind: str, name: str, size: int) -> Iterator[Member | Refused]:
    """All members of the archive in its own order; folders and litter are no members."""
    read = _zip_members if kind == "zip" else _tar_members
    count = 0
    try:
        for entry in read(file, shown(name), size):
            count += 1
            if count > MOST_MEMBERS:
                yield Refused(
                    shown(name),
                    "too_many_members",
                    f"an archive may hold {MOST_MEMBERS:,} files; the rest was not read",
                )
                return
            yield entry
    except Invalid as error:
        yield Refused(shown(name), error.code, error.detail)
        count += 1
    except CANNOT_READ as error:
        yield Refused(shown(name), "broken_archive", f"the archive cannot be read: {_words(error)}")
        count += 1
    if not count:
        yield Refused(shown(name), "empty_archive", "the archive holds no files")


def _words(error: BaseException) -> str:
    return shown(str(error))[:150] or type(error).__name__


def _place(archive: str, member: str) -> str:
    return f"{archive}!{shown(member)}"


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The member's name; old packers write UTF-8 without saying so, which zipfile reads as cp437."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return name
    return name


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Indexes of members whose bytes lie within those of another: the mark of a bomb."""
    found: set[int] = set()
    end = -1
    for index in sorted(range(len(infos)), key=lambda i: (infos[i].header_offset, i)):
        if infos[index].header_offset < end:
            found.add(index)
        end = max(end, infos[index].header_offset + 30 + infos[index].compress_size)
    return found


def _zip_members(file: IO[bytes], archive: str, size: int) -> Iterator[Member | Refused]:
    with zipfile.ZipFile(file) as opened:
        infos = [info for info in opened.infolist() if not info.is_dir() and not is_litter(_zip_name(info))]
        overlapping = _overlapping(infos)
        budget = Budget(size)
        for index, info in enumerate(infos):
            name = _zip_name(info)
            place = _place(archive, name)
            refusal = _zip_refusal(info, name, index in overlapping)
            if refusal is not None:
                yield Refused(place, *refusal)
                continue
            limit = min(LARGEST_MEMBER, max(RATIO_FROM, info.compress_size * RATIO))

            def reader(info: zipfile.ZipInfo = info, limit: int = limit, place: str = place) -> Any:
                return Counted(opened.open(info), budget, limit, "the file")

            yield Member(safe_path(name), place, reader)


def _zip_refusal(info: zipfile.ZipInfo, name: str, overlaps: bool) -> tuple[str, str] | None:
    mode = info.external_attr >> 16
    if info.flag_bits & 0x1:
        return "encrypted", "the file is encrypted"
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "not_a_file", "a link or device in an archive is not taken"
    if overlaps:
        return "bomb", "the file's bytes overlap another's in the archive"
    return _name_refusal(name)


def _name_refusal(name: str) -> tuple[str, str] | None:
    try:
        safe_path(name)
    except Invalid as error:
        return error.code, error.detail
    if is_nested_archive(name):
        return "nested_archive", "an archive within an archive is not opened"
    return None


def _inflated(file: IO[bytes]) -> IO[bytes]:
    head = file.read(6)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if head.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if head.startswith(b"\xfd7zXZ\x00"):
        return lzma.LZMAFile(file)
    return file


def _tar_members(file: IO[bytes], archive: str, size: int) -> Iterator[Member | Refused]:
    """Read as a stream, front to back: a member must be read before the next is asked for."""
    stream = Counted(_inflated(file), Budget(size), 1 << 62)
    with closing(tarfile.open(fileobj=stream, mode="r|", ignore_zeros=False)) as opened:  # type: ignore[call-overload]
        for info in opened:
            if info.isdir() or is_litter(info.name):
                continue
            place = _place(archive, info.name)
            refusal = _tar_refusal(info)
            if refusal is not None:
                yield Refused(place, *refusal)
                continue

            def reader(info: tarfile.TarInfo = info) -> Any:
                extracted = opened.extractfile(info)
                if extracted is None:
                    raise Invalid("the file cannot be read", code="not_a_file")
                return Counted(extracted, None, LARGEST_MEMBER)

            yield Member(safe_path(info.name), place, reader)


def _tar_refusal(info: tarfile.TarInfo) -> tuple[str, str] | None:
    if not info.isreg() or info.issparse():
        return "not_a_file", "a link or device in an archive is not taken"
    if info.size > LARGEST_MEMBER:
        return "too_large", "the file is too large"
    return _name_refusal(info.name)

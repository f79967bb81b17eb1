"""The files of an export as one zip or tar, written while it is sent: memory stays at one chunk, whatever the size.

Zip entries are stored, not deflated (pictures are compressed already), with size and CRC before the data so that any reader
takes them; the central directory waits in a temporary file. An archive cannot be resumed: who needs that takes the files.
"""

from __future__ import annotations

import io
import struct
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

CHUNK = 256 * 1024
_LARGE = 0xFFFFFFFF
_UTF8 = 0x800


@dataclass(frozen=True)
class Entry:
    """`open` gives the bytes; their count is `size`, or the archive breaks off."""

    path: str
    size: int
    open: Callable[[], IO[bytes]]


class Broken(RuntimeError):
    """The export changed while it was sent: the archive ends without its end, so that no reader takes it as whole."""


def _read(file: IO[bytes], entry: Entry) -> Iterator[bytes]:
    left = entry.size
    while left and (chunk := file.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk
    if left:
        raise Broken(entry.path)


def tar(entries: Iterable[Entry], at: float) -> Iterator[bytes]:
    """POSIX (pax) tar; `at` is every file's time in seconds since 1970."""
    written = 0
    for entry in entries:
        info = tarfile.TarInfo(entry.path)
        info.size, info.mtime, info.mode = entry.size, int(at), 0o644
        head = info.tobuf(tarfile.PAX_FORMAT)
        yield head
        with entry.open() as file:
            yield from _read(file, entry)
        padding = -entry.size % tarfile.BLOCKSIZE
        yield b"\0" * padding
        written += len(head) + entry.size + padding
    yield b"\0" * (2 * tarfile.BLOCKSIZE + -(written + 2 * tarfile.BLOCKSIZE) % tarfile.RECORDSIZE)


def _dos_time(at: float) -> tuple[int, int]:
    year, month, day, hour, minute, second = time.gmtime(at)[:6]
    return hour << 11 | minute << 5 | second // 2, max(0, year - 1980) << 9 | month << 5 | day


def zip_stored(entries: Iterable[Entry], at: float) -> Iterator[bytes]:
    """Zip with stored entries, Zip64 where it is needed."""
    clock, date = _dos_time(at)
    offset = count = 0
    with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as directory:
        for entry in entries:
            with entry.open() as file:
                crc = 0
                for chunk in _read(file, entry):
                    crc = zlib.crc32(chunk, crc)
                file.seek(0)
                name = entry.path.encode()
                head, listed = _zip_heads(name, entry.size, crc, offset, clock, date)
                directory.write(listed)
                yield head
                yield from _read(file, entry)
            offset += len(head) + entry.size
            count += 1
        size = directory.tell()
        directory.seek(0)
        while chunk := directory.read(CHUNK):
            yield chunk
    yield _zip_end(count, size, offset)


def _zip_heads(name: bytes, size: int, crc: int, offset: int, clock: int, date: int) -> tuple[bytes, bytes]:
    """(local header, entry of the central directory)."""
    wide = size >= _LARGE
    shown = _LARGE if wide else size
    needs = 45 if wide or offset >= _LARGE else 20
    extra = struct.pack("<HHQQ", 1, 16, size, size) if wide else b""
    local = struct.pack("<4sHHHHHLLLHH", b"PK\3\4", needs, _UTF8, 0, clock, date, crc, shown, shown, len(name), len(extra))
    large = [size, size] if wide else []
    if offset >= _LARGE:
        large.append(offset)
    beside = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    listed = struct.pack(
        "<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 3 << 8 | needs, needs, _UTF8, 0, clock, date, crc, shown, shown,
        len(name), len(beside), 0, 0, 0, 0o100644 << 16, min(offset, _LARGE),
    )  # fmt: skip
    return local + name + extra, listed + name + beside


def _zip_end(count: int, size: int, offset: int) -> bytes:
    end = io.BytesIO()
    if count >= 0xFFFF or offset >= _LARGE or size >= _LARGE:
        end.write(struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset))
        end.write(struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1))
    few = min(count, 0xFFFF)
    end.write(struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, few, few, min(size, _LARGE), min(offset, _LARGE), 0))
    return end.getvalue()


WAYS: dict[str, tuple[str, Callable[[Iterable[Entry], float], Iterator[bytes]]]] = {
    "zip": ("application/zip", zip_stored),
    "tar": ("application/x-tar", tar),
}

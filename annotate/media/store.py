"""Where bytes lie: one place per organisation and sha256, written whole or not at all.

On a folder, bytes go to a file beside their place and are renamed into it, so that a process killed halfway leaves no half
picture under a good name. Object stores (`annotate.media.bucket`) write whole objects, in place of what was there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from annotate.kernel.errors import TooLarge

CHUNK = 1024 * 1024


def blob_path(organisation_id: int, hex_digest: str) -> str:
    return f"{organisation_id}/blobs/{hex_digest[:2]}/{hex_digest[2:4]}/{hex_digest}"


def rendition_folder(organisation_id: int, hex_digest: str) -> str:
    return f"{organisation_id}/renditions/{hex_digest[:2]}/{hex_digest[2:4]}/{hex_digest}"


def _chunks(file: Any) -> Iterator[bytes]:
    reader = file.chunks(CHUNK) if hasattr(file, "chunks") else iter(lambda: file.read(CHUNK), b"")
    yield from reader


def measure(file: Any, into: IO[bytes] | None = None) -> tuple[bytes, int]:
    """(sha256, size) of a file read from its present place, copied to `into` on the way; `TooLarge` past the cap."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(file):
        size += len(chunk)
        if size > settings.MAX_UPLOAD_FILE:
            raise TooLarge(f"a file may have at most {settings.MAX_UPLOAD_FILE} bytes")
        digest.update(chunk)
        if into is not None:
            into.write(chunk)
    return digest.digest(), size


@contextmanager
def rewindable(file: Any) -> Iterator[tuple[Any, bytes, int]]:
    """The file's content as something that can be read again, with its sha256 and size; a stream is spooled to disk."""
    if hasattr(file, "seek") and (not hasattr(file, "seekable") or file.seekable()):
        file.seek(0)
        digest, size = measure(file)
        file.seek(0)
        yield file, digest, size
        return
    with tempfile.SpooledTemporaryFile(max_size=8 * CHUNK) as spool:
        digest, size = measure(file, spool)
        spool.seek(0)
        yield spool, digest, size


def put(path: str, file: Any) -> None:
    """The file's content at `path`, replacing what was there in one step."""
    try:
        place = Path(default_storage.path(path))
    except NotImplementedError:
        default_storage.save(path, file if hasattr(file, "chunks") else File(file, name=path))
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.{secrets.token_hex(6)}")
    try:
        with beside.open("xb") as target:
            shutil.copyfileobj(file, target, CHUNK)
        os.replace(beside, place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def exists(path: str) -> bool:
    return bool(default_storage.exists(path))


def listed(folder: str) -> list[str]:
    """Names of the files in a folder; none when there is no such folder."""
    try:
        return list(default_storage.listdir(folder)[1])
    except FileNotFoundError:
        return []


def remove(path: str) -> None:
    """Delete the file at `path` if it is there."""
    default_storage.delete(path)


def part(path: str, start: int, end: int) -> IO[bytes]:
    """A file that stands at `start`, to be read up to `end` (exclusive); of an object store no other byte is fetched."""
    ranged: Callable[[str, int, int], IO[bytes]] | None = getattr(default_storage, "part", None)
    if ranged is not None:
        return ranged(path, start, end)
    file: IO[bytes] = default_storage.open(path, "rb")
    file.seek(start)
    return file


def link(path: str, *, seconds: int, type: str, disposition: str) -> str | None:
    """The object store's own address of the bytes, good for so many seconds; None of a folder, which has none."""
    own: Callable[..., str | None] | None = getattr(default_storage, "link", None)
    return own(path, seconds=seconds, type=type, disposition=disposition) if own is not None else None


@contextmanager
def local(path: str) -> Iterator[IO[bytes]]:
    """Stored bytes as a real seekable file on this machine (a copy when the store is remote)."""
    with default_storage.open(path, "rb") as stored:
        try:
            default_storage.path(path)
        except NotImplementedError:
            with tempfile.TemporaryFile() as copy:
                shutil.copyfileobj(stored, copy, CHUNK)
                copy.seek(0)
                yield copy
            return
        yield getattr(stored, "file", stored)

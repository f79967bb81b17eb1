"""Bytes that were handed in and wait in storage for their job: kept as they stream, hashed on the way, removed at the end."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.items.models import Upload, UploadFile
from annotate.jobs.states import LIVE
from annotate.kernel.canonical import digest
from annotate.kernel.errors import TooLarge
from annotate.media import store

FOLDER = "uploads"
CHUNK = 1024 * 1024
KEEP = dt.timedelta(hours=24)  # how long bytes without a live job may lie, since a request may still be on its way


@dataclass(frozen=True)
class Waiting:
    """One file in storage: what its sender called it, where it lies, and what was counted as it came."""

    path: str
    stored: str
    size: int
    sha256: bytes
    lines: int = 0


def _room() -> str:
    return f"{FOLDER}/{timezone.now():%Y%m%d}-{secrets.token_hex(12)}"


def keep(files: Iterable[tuple[str, Any]]) -> list[Waiting]:
    """Put files (name, Django file) into storage; `TooLarge` past the cap, and then none is kept."""
    room, kept = _room(), []
    try:
        for index, (name, file) in enumerate(files):
            sha256, size = store.measure(file)
            file.seek(0)
            kept.append(Waiting(name, default_storage.save(f"{room}/{index:06d}", file), size, sha256))
    except BaseException:
        drop(one.stored for one in kept)
        raise
    return kept


def keep_stream(read: Any, name: str) -> Waiting:
    """Put what `read(n)` yields into storage, without ever holding it in memory; `TooLarge` past the cap."""
    hashed, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
    with TemporaryUploadedFile(name, "", 0, None) as file:
        while chunk := read(CHUNK):
            size += len(chunk)
            if size > settings.MAX_UPLOAD_FILE:
                raise TooLarge(_("A file may have at most %(n)s MB.") % {"n": settings.MAX_UPLOAD_FILE // CHUNK})
            hashed.update(chunk)
            lines += chunk.count(b"\n")
            last = chunk[-1:]
            file.write(chunk)
        file.flush()
        file.size = size
        file.seek(0)
        stored = default_storage.save(f"{_room()}/000000", file)
    return Waiting(name, stored, size, hashed.digest(), lines + (last != b"\n"))


def fingerprint(kept: Iterable[Waiting], *more: str) -> bytes:
    """A digest of what was sent, for an Idempotency-Key."""
    parts = [f"{one.path}\x00{one.sha256.hex()}" for one in kept]
    return digest("\x01".join([*parts, *more]))


def drop(stored: Iterable[str]) -> None:
    """Delete waiting bytes, and their room when it is empty."""
    rooms = set()
    for path in stored:
        default_storage.delete(path)
        rooms.add(path.rpartition("/")[0])
    for room in rooms:
        _drop_room(room)


def _drop_room(room: str) -> None:
    try:
        default_storage.delete(room)
    except OSError:  # not empty: the rest of an upload whose job needs it still
        pass


@contextmanager
def opened(file: UploadFile) -> Iterator[IO[bytes]]:
    """The waiting bytes as a seekable file of this machine."""
    with store.local(file.stored) as content:
        yield content


def end(upload: Upload) -> None:
    """The job has what it wanted: bytes and file rows go, the upload's own row stays as its record."""
    drop(list(upload.files.values_list("stored", flat=True)))
    UploadFile.objects.filter(upload=upload).delete()


def sweep() -> int:
    """Remove bytes whose job ended without taking them, and rooms that no upload knows; how many uploads that were."""
    old = timezone.now() - KEEP
    count = 0
    for upload in (
        Upload.objects.filter(created_at__lt=old, files__isnull=False).exclude(job__state__in=LIVE).distinct()
    ):
        end(upload)
        count += 1
    try:
        rooms, _files = default_storage.listdir(FOLDER)
    except (FileNotFoundError, NotImplementedError):
        return count
    for room in rooms:
        if (
            room[:8] < f"{old:%Y%m%d}"
            and not UploadFile.objects.filter(stored__startswith=f"{FOLDER}/{room}/").exists()
        ):
            _folders, names = default_storage.listdir(f"{FOLDER}/{room}")
            drop([f"{FOLDER}/{room}/{name}" for name in names] or [f"{FOLDER}/{room}/none"])
    return count

"""All members of an upload in one fixed order, whether they came as files or inside archives."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from annotate.items.models import Upload
from annotate.kernel.errors import Invalid
from workflows.collection.ingest.archives import CANNOT_READ, Member, Refused, kind_of, members
from workflows.collection.ingest.names import is_litter, safe_path, shown
from workflows.collection.waiting import opened

SPOOL = 8 * 1024**2


@dataclass(frozen=True)
class Source:
    """A file as it was handed in. `open` gives its bytes as a seekable file."""

    path: str
    size: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]


def walk(upload: Upload) -> Iterator[Member | Refused]:
    """Every file of the upload and of the archives in it; a member must be read before the next is asked for."""
    files = upload.files.order_by("id").iterator(chunk_size=500)
    return walk_sources(Source(file.path, file.size, partial(opened, file)) for file in files)


def walk_sources(sources: Iterable[Source]) -> Iterator[Member | Refused]:
    """The same for files from anywhere. Names that lead out of their folder are refused; what file managers leave is skipped."""
    for source in sources:
        if is_litter(source.path):
            continue
        with source.open() as content:
            kind = kind_of(content.read(512), source.path)
            content.seek(0)
            if kind:
                yield from members(content, kind=kind, name=source.path, size=source.size)
                continue
            place = shown(source.path)
            try:
                path = safe_path(source.path)
            except Invalid as error:
                yield Refused(place, error.code, error.detail)
                continue
            yield Member(path, place, _as_it_is(content))


def _as_it_is(content: IO[bytes]) -> Callable[[], Any]:
    return lambda: content


@contextmanager
def seekable(member: Member) -> Iterator[IO[bytes]]:
    """The member's bytes as a file that can be read twice. `Invalid` when they cannot be read or are too many."""
    try:
        source = member.open()
        if hasattr(source, "seek"):
            source.seek(0)
            yield source
            return
        with tempfile.SpooledTemporaryFile(max_size=SPOOL) as spool:
            with source:
                shutil.copyfileobj(source, spool, 1 << 20)
            spool.seek(0)
            yield spool
    except CANNOT_READ as error:
        words = shown(str(error))[:150] or type(error).__name__
        raise Invalid(f"the file cannot be read out of the archive: {words}", code="broken_member") from error


def count(upload: Upload) -> int | None:
    """How many inputs there are, where the archives say so cheaply; None when one would have to be read through."""
    total = 0
    for file in upload.files.order_by("id"):
        kind = kind_of(b"", file.path)
        if kind == "tar":
            return None
        if kind != "zip":
            total += 1
            continue
        try:
            with opened(file) as content, zipfile.ZipFile(content) as archive:
                total += sum(not info.is_dir() for info in archive.infolist())
        except CANNOT_READ:
            total += 1
    return total

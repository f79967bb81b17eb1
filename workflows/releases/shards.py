"""Shards in storage: one file per range of rows, named by what it holds, shared by all versions that hold the same.

`digest` (`columns.name_of`) is over leaves *and* what stands beside them (ids, batch, who approved), so that a shared file is right in every
column, and tells nothing of another project. It outlives an erasure: the file is then another encoding, with tombstones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from annotate.media import store
from workflows.releases import parquet
from workflows.releases.models import Shard
from workflows.releases.rows import Row

_IN_MEMORY = 32 * 1024 * 1024


@dataclass(frozen=True)
class Encoded:
    """A whole range as a file already, with what it counts."""

    file: IO[bytes]
    tally: parquet.Tally


Content = Iterable[Row] | Encoded


def _put(organisation_id: int, digest: bytes, rows: Content) -> tuple[str, bytes, int, parquet.Tally]:
    """(path, sha256, size, tally) of the rows as a file in storage."""
    with rows.file if isinstance(rows, Encoded) else tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        tally = rows.tally if isinstance(rows, Encoded) else parquet.write(rows, spool)
        spool.seek(0)
        file_sha256, size = store.measure(spool)
        spool.seek(0)
        name = digest.hex()
        path = f"{organisation_id}/shards/{name[:2]}/{name}-{file_sha256.hex()[:16]}.parquet"
        store.put(path, spool)
    return path, file_sha256, size, tally


def find(organisation_id: int, digest: bytes) -> Shard | None:
    return Shard.objects.filter(organisation_id=organisation_id, digest=digest).first()


def make(organisation_id: int, digest: bytes, rows: Content) -> tuple[Shard, parquet.Tally]:
    """The shard of these rows, written; its row comes after its bytes, so that a shard that is known can be read."""
    path, file_sha256, size, tally = _put(organisation_id, digest, rows)
    made = Shard(
        organisation_id=organisation_id, digest=digest, file_sha256=file_sha256, stored=path, rows=tally.rows, size=size
    )
    Shard.objects.bulk_create([made], ignore_conflicts=True)
    found = find(organisation_id, digest)
    assert found is not None
    return found, tally


def rewrite(shard: Shard, rows: Iterable[Row]) -> str:
    """Another encoding of the shard in place of the present one, whose path is answered: for erasures, which may do so."""
    old = shard.stored
    path, file_sha256, size, _tally = _put(shard.organisation_id, bytes(shard.digest), rows)
    Shard.objects.filter(pk=shard.pk).update(stored=path, file_sha256=file_sha256, size=size)
    return old


@contextmanager
def opened(shard_id: int) -> Iterator[IO[bytes]]:
    """The shard's file. An erasure may replace it between the look-up and the opening: then the new one is opened."""
    for last in (False, False, True):
        path = Shard.objects.values_list("stored", flat=True).get(pk=shard_id)
        try:
            held = store.local(path)
            file = held.__enter__()
        except FileNotFoundError:
            if last:
                raise
            continue
        try:
            yield file
        finally:
            held.__exit__(None, None, None)
        return

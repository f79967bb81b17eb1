"""Which bytes of a Parquet file are in others already: those of its column chunks, found by what they are. Pure.

The bytes of a chunk say nothing of where they lie: offsets stand in the footer alone. A plan gives a file from its beginning as
`parts`, each [size] of bytes that are nowhere else, or [size, n, offset] of bytes that the nth of the other files has at that offset;
`tail`, the rest, is its footer, which is always new: zlib in base64.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

LEAST = 64 * 1024  # bytes: to ask for as many more takes less than to ask once more (a request is some 8 ms of both sides)
_READ = 8 * 1024**2
_MAGIC = b"PAR1"  # how a file begins

Spans = list[tuple[int, int, bytes]]  # (start, end, digest) of each chunk, in the order in which they lie
Part = list[int]


def spans(file: IO[bytes]) -> Spans:
    """The chunks of a Parquet file; ValueError where it is not one."""
    import pyarrow.parquet as pq

    metadata = pq.ParquetFile(file).metadata  # ArrowInvalid is a ValueError
    bounds = [(0, len(_MAGIC))]
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        for column in range(group.num_columns):
            chunk = group.column(column)
            start = min(chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset)
            bounds.append((start, start + chunk.total_compressed_size))
    found: Spans = []
    for start, end in sorted(bounds):
        file.seek(start)
        found.append((start, end, _digest(file, end - start)))
    return found


def _digest(file: IO[bytes], size: int) -> bytes:
    digest = hashlib.sha256()
    while size > 0 and (data := file.read(min(size, _READ))):
        digest.update(data)
        size -= len(data)
    return digest.digest()


def planned(file: IO[bytes], size: int, others: Sequence[Spans]) -> dict[str, Any] | None:
    """{"parts", "tail"} of the file; None when the others have nothing of it."""
    mine = spans(file)
    parts = list(_joined(_found(mine, _places(others))))
    if all(len(part) == 1 for part in parts):
        return None
    end = mine[-1][1]
    file.seek(end)
    return {"parts": parts, "tail": base64.b64encode(zlib.compress(file.read(size - end), 6)).decode()}


def _places(others: Sequence[Spans]) -> dict[bytes, list[tuple[int, int]]]:
    found: dict[bytes, list[tuple[int, int]]] = {}
    for n, each in enumerate(others):
        for start, _end, digest in each:
            found.setdefault(digest, []).append((n, start))
    return found


def _found(mine: Spans, places: dict[bytes, list[tuple[int, int]]]) -> Iterator[Part]:
    """The file in parts from its beginning to the last of its chunks: of several places, where the part before goes on."""
    at, then = 0, (-1, -1)
    for start, end, digest in mine:
        if start > at:
            yield [start - at]
            then = (-1, -1)
        known = places.get(digest)
        if known is None:
            yield [end - start]
            then = (-1, -1)
        else:
            n, offset = then if then in known else known[0]
            yield [end - start, n, offset]
            then = (n, offset + end - start)
        at = end


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    """Neighbours as one; copies that are not worth a request between what is fetched are fetched with it."""
    long: list[Part] = []
    for part in parts:
        last = long[-1] if long else None
        if last is not None and len(last) == len(part) == 3 and (last[1], last[2] + last[0]) == (part[1], part[2]):
            last[0] += part[0]
        else:
            long.append(list(part))
    held = 0
    for n, part in enumerate(long):
        beside = held or (n + 1 < len(long) and len(long[n + 1]) == 1)
        if len(part) == 1 or (part[0] < LEAST and beside):
            held += part[0]
            continue
        if held:
            yield [held]
            held = 0
        yield part
    if held:
        yield [held]

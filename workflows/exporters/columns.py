"""Parquet files as exports have them: typed objects, small row groups, a new file when one is full. Pure.

Memory stays at one row group. The same rows give the same bytes under one release of pyarrow; those of a group depend on its rows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

import orjson

from annotate.kernel import canonical
from workflows.exporters.folder import Counted, Folder, Written

ROWS, BYTES = 1024, 16 * 1024**2  # of a row group
PIECE = 1024  # rows that are held as Python has them
FILE_ROWS, FILE_BYTES = 200_000, 384 * 1024**2


@cache
def object_type() -> Any:
    """An object's columns; what its kind does not have is null. `attributes` is JSON, since every label has its own."""
    import pyarrow as pa

    point = pa.list_(pa.float64())
    ring = pa.list_(point)
    return pa.struct(
        [
            ("id", pa.string()),
            ("kind", pa.string()),
            ("label", pa.string()),
            ("box", pa.list_(pa.float64())),
            ("rotation", pa.float64()),
            ("points", ring),
            ("holes", pa.list_(ring)),
            ("rle", pa.struct([("size", pa.list_(pa.int32())), ("counts", pa.string())])),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("text", pa.string()),
            ("from", pa.string()),
            ("to", pa.string()),
            ("attributes", pa.string()),
            ("track", pa.string()),
            ("source", pa.string()),
            ("model", pa.string()),
            ("score", pa.float64()),
        ]
    )


_NAMES = (
    "id", "kind", "label", "box", "rotation", "points", "holes", "rle", "start", "end", "text", "from", "to", "track", "source", "model", "score",
)  # fmt: skip
_FLOATS = ("rotation", "score")


def object_of(thing: dict[str, Any]) -> dict[str, Any]:
    """The object as `object_type` holds it, and as pyarrow gives it back."""
    made: dict[str, Any] = {name: thing.get(name) for name in _NAMES}
    for name in _FLOATS:
        made[name] = None if made[name] is None else float(made[name])
    for name in ("box", "points", "holes"):
        made[name] = floats(made[name])
    made["attributes"] = canonical.dumps(thing["attributes"]) if thing.get("attributes") else None
    return made


def floats(value: Any) -> Any:
    """The numbers of nested lists as doubles."""
    if isinstance(value, list):
        return [floats(inner) for inner in value]
    return None if value is None else float(value)


def objects_of(document: str) -> list[dict[str, Any]]:
    return [object_of(thing) for thing in orjson.loads(document).get("objects") or ()] if document else []


class _Sink:
    """What pyarrow writes to: it closes its target, but the folder closes files."""

    def __init__(self, file: Counted) -> None:
        self._file, self.closed = file, False

    def write(self, data: Any) -> int:
        self._file.write(bytes(data))
        return len(data)

    def flush(self) -> None: ...

    def close(self) -> None:
        self.closed = True


class Shards:
    """Files of one kind of rows: `path(number)` names them, from 0."""

    def __init__(
        self,
        folder: Folder,
        schema: Any,
        path: Callable[[int], str],
        *,
        rows: int = ROWS,
        file_rows: int = FILE_ROWS,
        file_bytes: int = FILE_BYTES,
        repeated: Collection[str] | None = None,
        sought: Collection[str] | None = None,
    ) -> None:
        """`rows`: the most of a group. `repeated`: columns in which rows are alike; `sought`: those by which readers look for groups (None: all)."""
        self._folder, self._schema, self._path = folder, schema, path
        self._rows, self._file_rows, self._file_bytes = rows, file_rows, file_bytes
        self._ways = {"use_dictionary": repeated is None or list(repeated), "write_statistics": sought is None or list(sought)}
        self._buffer: list[dict[str, Any]] = []
        self._held: list[Any] = []  # tables of the group before what is in the buffer
        self._in_group = self._group_size = self._in_file = 0
        self._file: Counted | None = None
        self._writer: Any = None
        self.paths: list[str] = []
        self._done: list[Written] = []
        self.count = 0

    def add(self, record: dict[str, Any], size: int = 0) -> None:
        """`size` is about how many bytes the record holds, where it holds much."""
        self._buffer.append(record)
        self._in_group += 1
        self._group_size += size
        self.count += 1
        if self._in_group >= self._rows or self._group_size >= BYTES:
            self._flush()
        elif len(self._buffer) >= PIECE:
            self._hold()

    def group(self) -> None:
        """The next row begins a group of its own."""
        if self._in_group:
            self._flush()

    def _hold(self) -> None:
        import pyarrow as pa

        self._held.append(pa.Table.from_pylist(self._buffer, schema=self._schema))
        self._buffer = []

    def _flush(self) -> None:
        import pyarrow as pa

        if self._file is not None and (self._in_file >= self._file_rows or self._file.size >= self._file_bytes):
            self._end()
        if self._file is None:
            self._begin()
        self._hold()
        self._writer.write_table(pa.concat_tables(self._held))
        self._in_file += self._in_group
        self._held, self._in_group, self._group_size = [], 0, 0

    def _begin(self) -> None:
        import pyarrow.parquet as pq

        self._file = self._folder.open(self._path(len(self.paths)))
        self.paths.append(self._file.path)
        self._writer = pq.ParquetWriter(_Sink(self._file), self._schema, compression="zstd", **self._ways)

    def _end(self) -> None:
        assert self._file is not None
        self._writer.close()
        self._done.append(self._file.close())
        self._file, self._in_file = None, 0

    def cut(self) -> None:
        """The next row begins a file of its own."""
        self.group()
        if self._file is not None:
            self._end()

    def finish(self, name: Callable[[int, int], str] | None = None) -> None:
        """The last file; without any row there is one that has the columns. `name(number, count)`: what each is called in the end."""
        if self._in_group or not self.paths:
            self._flush()
        if self._file is not None:
            self._end()
        for number, done in enumerate(self._done):
            self._folder.add(done, name(number, len(self._done)) if name is not None else done.path)

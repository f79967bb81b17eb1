"""Rows to and from a Parquet file: typed columns, zstd, small row groups so that a reader can begin in the middle.

A file says in its own metadata what it counts (`Tally`), so that a version that shares it need not read its rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import MISSING, dataclass, field
from functools import cache
from itertools import islice, repeat
from typing import IO, Any

import orjson

from annotate.kernel import canonical
from workflows.releases.rows import Leaf, Row

ROW_GROUP = 1024
_BUFFER = 1 << 20  # bytes: a writer that hands over each page waits each time until Python has nothing else to do
_ALWAYS = ("key", "item_id", "split", "leaf", "erased")
FORMAT = b"sluice.rows.1"
WHO = ("labelled_by", "labelled_at", "source", "reviewed_by", "approved_by", "approved_at", "cause", "round", "method")
# Columns in which rows are alike, and those by which readers look for groups: to find out about the others takes a third of the time of writing.
_ALIKE = ("split", "batch", "group", "frame", "width", "height", "meta", "revision", "schema_number")
_REPEATED = (*_ALIKE, *(f"provenance.{name}" for name in WHO if not name.endswith("_at")))
_SOUGHT = ("key", "item_id", "erased", "annotation_id", *_ALIKE)


@dataclass
class Tally:
    """What a file holds: rows, tombstones, rows per split, objects per split and label."""

    rows: int = 0
    erased: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    labels: dict[str, Counter[str]] = field(default_factory=dict)

    def see(self, row: Row) -> None:
        self.rows += 1
        self.erased += row.erased
        self.splits[row.split] += 1
        for thing in orjson.loads(row.document).get("objects") or ():
            self.labels.setdefault(row.split, Counter())[str(thing.get("label", ""))] += 1

    def add(self, other: Tally) -> None:
        self.rows += other.rows
        self.erased += other.erased
        self.splits.update(other.splits)
        for split, labels in other.labels.items():
            self.labels.setdefault(split, Counter()).update(labels)

    def text(self) -> bytes:
        content = {"rows": self.rows, "erased": self.erased, "splits": self.splits, "labels": self.labels}
        return json.dumps(content, sort_keys=True).encode()

    @classmethod
    def read(cls, text: bytes) -> Tally:
        content = json.loads(text)
        labels = {split: Counter(found) for split, found in content["labels"].items()}
        return cls(content["rows"], content["erased"], Counter(content["splits"]), labels)


@cache
def schema() -> Any:
    """The columns of a shard, for pyarrow."""
    import pyarrow as pa

    digest = pa.binary(32)
    return pa.schema(
        [
            pa.field("key", pa.string(), nullable=False),
            pa.field("item_id", pa.int64(), nullable=False),
            pa.field("split", pa.string(), nullable=False),
            pa.field("leaf", digest, nullable=False),
            pa.field("ends", pa.bool_(), nullable=False),
            pa.field("erased", pa.bool_(), nullable=False),
            pa.field("batch", pa.string()),
            pa.field("group", pa.string()),
            pa.field("frame", pa.int32()),
            pa.field("width", pa.int32()),
            pa.field("height", pa.int32()),
            pa.field("media_sha256", digest),
            pa.field("uri", pa.string()),
            pa.field("text", pa.string()),
            pa.field("meta", pa.string()),
            pa.field("annotation_id", pa.int64()),
            pa.field("revision", pa.int32()),
            pa.field("document", pa.string()),
            pa.field("label_digest", digest),
            pa.field("schema_number", pa.int32()),
            pa.field("provenance", pa.struct([(name, pa.string()) for name in WHO])),
        ]
    )


def _record(row: Row) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in Row.__slots__}
    found["meta"] = canonical.dumps(row.meta)
    found["provenance"] = {name: row.provenance.get(name) for name in WHO}
    found["ends"] = False
    return found


def _row(found: dict[str, Any]) -> Row:
    del found["ends"]
    found["meta"] = orjson.loads(found["meta"])
    found["provenance"] = {} if found["erased"] else found["provenance"]
    return Row(**found)


class Writer:
    """A file that is written piece by piece: one range of the root hash, which ends with the last row. Groups are whole whatever the pieces are,
    and what is held is less than a group and a piece."""

    def __init__(self, target: IO[bytes]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        _frugal()
        self._file = pa.BufferedOutputStream(pa.PythonFile(target, "w"), _BUFFER)
        self._writer = pq.ParquetWriter(self._file, schema(), compression="zstd", use_dictionary=list(_REPEATED), write_statistics=list(_SOUGHT))
        self._held: Any = None
        self.tally = Tally()

    def write(self, more: Any, counted: Tally) -> None:
        """Rows in the columns of `schema`, with what they count."""
        import pyarrow as pa

        self.tally.add(counted)
        held = more if self._held is None else pa.concat_tables([self._held, more])
        ready = max(len(held) - 1, 0) // ROW_GROUP * ROW_GROUP  # one row at least stays: it may be the last
        if ready:
            self._writer.write_table(held.slice(0, ready), row_group_size=ROW_GROUP)
        self._held = held.slice(ready)

    def close(self) -> Tally:
        import pyarrow as pa

        if self._held is not None and len(self._held):
            ends = pa.array([False] * (len(self._held) - 1) + [True])
            self._writer.write_table(self._held.set_column(schema().get_field_index("ends"), schema().field("ends"), ends), row_group_size=ROW_GROUP)
        self._writer.add_key_value_metadata({"sluice.format": FORMAT, "sluice.tally": self.tally.text()})
        self._writer.close()
        self._file.detach()  # to close it would close the target
        return self.tally


def write(content: Iterable[Row], target: IO[bytes]) -> Tally:
    """Write the rows in the order given. A file is one range of the root hash: it ends with the last of them."""
    writer, stream = Writer(target), iter(content)
    while part := list(islice(stream, ROW_GROUP)):
        counted = Tally()
        for row in part:
            counted.see(row)
        writer.write(table(part), counted)
    return writer.close()


def table(content: Iterable[Row]) -> Any:
    """Rows in the columns of a shard."""
    import pyarrow as pa

    return pa.Table.from_pylist([_record(row) for row in content], schema=schema())


def rows(found: Any) -> list[Row]:
    """A table in the columns of a shard, row by row."""
    return [_row(each) for each in found.to_pylist()]


def tally(source: IO[bytes]) -> Tally:
    """What the file counted when it was written."""
    import pyarrow.parquet as pq

    return Tally.read(pq.ParquetFile(source).metadata.metadata[b"sluice.tally"])


@cache
def _frugal() -> None:
    """Arrow's own allocator keeps what it once had; the system's gives it back: 35 MB less in a worker that reads a version, 10 in one that writes it."""
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())


def read(source: IO[bytes], *, start: int = 0, columns: Collection[str] = ()) -> Iterator[Row]:
    """The rows from place `start` (0 is the first) on. With `columns`, only these (and what says which row it is) are read:
    the others are as in a row that has nothing to say."""
    import pyarrow.parquet as pq

    _frugal()
    opened = pq.ParquetFile(source)
    passed = 0
    groups: list[int] = []
    for index in range(opened.num_row_groups):
        size = opened.metadata.row_group(index).num_rows
        if passed + size <= start and not groups:
            passed += size
        else:
            groups.append(index)
    skip = start - passed
    wanted = [name for name in Row.__slots__ if not columns or name in columns or name in _ALWAYS]
    for index in groups:
        yield from _rows_of_table(opened.read_row_group(index, columns=wanted, use_threads=False), wanted, skip)
        skip = 0


def _rows_of_table(table: Any, names: list[str], skip: int) -> Iterator[Row]:
    """Column by column, which costs half of what a dict per row does."""
    found: dict[str, Iterable[Any]] = {name: table.column(name).to_pylist() for name in names}
    if "meta" in found:
        found["meta"] = map(orjson.loads, found["meta"])
    if "provenance" in found:
        found["provenance"] = [{} if erased else who for who, erased in zip(found["provenance"], found["erased"], strict=True)]
    parts = (found[name] if name in found else _nothing(name) for name in Row.__slots__)
    return islice(map(Row, *parts), skip, None)  # ends with the shortest: what has nothing to say says it for ever


def _nothing(name: str) -> Iterator[Any]:
    default = Row.__dataclass_fields__[name]
    return repeat(default.default) if default.default is not MISSING else iter(dict, None)


def read_leaves(source: IO[bytes]) -> Iterator[Leaf]:
    import pyarrow.parquet as pq

    names = ["key", "item_id", "split", "leaf", "erased", "ends"]
    for part in pq.ParquetFile(source).iter_batches(batch_size=8192, columns=names):
        for found in zip(*(part.column(name).to_pylist() for name in names), strict=True):
            yield Leaf(*found)


def columns(source: IO[bytes], names: list[str]) -> Any:
    """These columns of the whole file."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(source).read(columns=names, use_threads=False)


def take(source: IO[bytes], places: list[int], names: Sequence[str] | None = None) -> Any:
    """The rows at these places, in the order given, of these columns (all without names): only the groups that hold them are read."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    opened = pq.ParquetFile(source)
    ends = np.cumsum([opened.metadata.row_group(n).num_rows for n in range(opened.num_row_groups)])
    at = np.asarray(places, dtype=np.int64)
    groups = np.searchsorted(ends, at, side="right")
    wanted = np.unique(groups)
    table = opened.read_row_groups(wanted.tolist(), columns=list(names) if names is not None else None, use_threads=False)
    sizes = np.array([opened.metadata.row_group(int(n)).num_rows for n in wanted])
    starts, shift = np.cumsum(sizes) - sizes, ends[wanted] - sizes
    which = np.searchsorted(wanted, groups)
    return table.take(pa.array(at - shift[which] + starts[which]))


def values(source: IO[bytes], names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """These columns of the rows that are no tombstones."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    for part in pq.ParquetFile(source).iter_batches(batch_size=16_384, columns=[*names, "erased"]):
        living = part.filter(pc.invert(part.column("erased")))
        yield from zip(*(living.column(name).to_pylist() for name in names), strict=True)


def has_item(source: IO[bytes], item_ids: set[int]) -> bool:
    """Whether one of these items has a row in the file that is not a tombstone yet."""
    return any(_rows_of(source, item_ids))


def which_items(source: IO[bytes], item_ids: set[int]) -> set[int]:
    """Those of these items that have such a row."""
    return set().union(*_rows_of(source, item_ids))


def _rows_of(source: IO[bytes], item_ids: set[int]) -> Iterator[set[int]]:
    import pyarrow.parquet as pq

    for part in pq.ParquetFile(source).iter_batches(batch_size=65536, columns=["item_id", "erased"]):
        pairs = zip(part.column("item_id").to_pylist(), part.column("erased").to_pylist(), strict=True)
        yield {item for item, erased in pairs if item in item_ids and not erased}

"""Rows of the snapshot as Arrow columns: hashed in bulk, made into the table of a shard. No row becomes an object here.

`merkle.leaf` says what a leaf is; this writes the same text column by column, and a test holds one against the other.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import Any

import orjson

from annotate.items.erasure import EMPTY
from annotate.kernel import canonical
from workflows.releases import merkle, parquet
from workflows.releases.splits import unit_of
from workflows.releases.tombstones import tombstone

_PEOPLE = parquet.WHO
_PLAIN = {"batch": "batch", "group": "group_key", "frame": "frame", "width": "width", "height": "height", "media_sha256": "media", "uri": "uri", "text": "text"}
_PLAIN |= {"annotation_id": "annotation", "revision": "revision", "document": "document", "label_digest": "labels", "schema_number": "schema_number", "key": "key", "item_id": "item"}
_LOW = 0x20  # characters below it are escaped in JSON


def contents(column: Any) -> tuple[Any, list[int]]:
    """(the bytes of a string column as they stand, where each row begins in them, and where the last ends)."""
    import numpy as np

    column = whole(column)
    _valid, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return memoryview(data if data is not None else b""), bounds.tolist()


def whole(column: Any) -> Any:
    """An array, of a column of a table."""
    import pyarrow as pa

    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()  # which would copy the one


def metas(table: Any) -> tuple[list[str], list[Any]]:
    """(the canonical text, the value) of each row's meta; what many rows have alike is read once."""
    coded = whole(table["meta"]).dictionary_encode()
    values = [orjson.loads(text) for text in coded.dictionary.to_pylist()]
    texts = [canonical.dumps(value) for value in values]
    places = coded.indices.to_pylist()
    return [texts[n] for n in places], [values[n] for n in places]


def units(table: Any, *, by_group: bool, salt: str) -> Any:
    """`splits.unit_of` of each row's group, or of its key."""
    import numpy as np
    import pyarrow.compute as pc

    of = pc.if_else(pc.equal(table["group_key"], ""), table["key"], table["group_key"]) if by_group else table["key"]
    coded = whole(of).dictionary_encode()
    known = np.array([unit_of(one, salt) for one in coded.dictionary.to_pylist()], np.int64)
    return known[coded.indices.to_numpy()]


def ends(table: Any) -> Any:
    """Whether a range ends with the row, as `merkle.ends_range` says of its key."""
    import numpy as np

    text, bounds = contents(table["key"])
    sha256 = hashlib.sha256
    digests = b"".join([sha256(text[start:end]).digest() for start, end in itertools.pairwise(bounds)])
    low = np.frombuffer(digests, ">u2").reshape(-1, 16)[:, 15]
    return low & ((1 << merkle.CUT_BITS) - 1) == 0


def leaves(table: Any, splits: list[str], meta: list[str]) -> list[bytes]:
    """`merkle.leaf` of each row."""
    import pyarrow as pa

    text = _Joined(merkle.LEAF.decode() + '{"frame":')
    text.add(_number(table["frame"]), ',"group":')
    text.add(_named(table["group_key"]), ',"height":')
    text.add(_number(table["height"]), ',"key":')
    text.add(_named(table["key"]), ',"labels":')
    text.add(_hex(table["labels"]), ',"media":')
    text.add(_hex(table["media"]), ',"meta":')
    text.add((pa.array(meta, pa.string()), ""), ',"split":')
    text.add(_named(pa.array(splits, pa.string())), ',"text":')
    text.add(_hex(table["words"]), ',"uri":')
    text.add(_named(table["uri"]), ',"width":')
    text.add(_number(table["width"]), "}")
    lines, bounds = contents(text.whole(len(table)))
    sha256 = hashlib.sha256
    return [sha256(lines[start:end]).digest() for start, end in itertools.pairwise(bounds)]


class _Joined:
    """Columns side by side with what stands between them: as few pieces as can be, since each costs each row."""

    def __init__(self, begin: str) -> None:
        self._parts: list[Any] = [begin]

    def add(self, part: tuple[Any, str], then: str) -> None:
        """`part`: a column of JSON with nulls, and the mark that is still missing around each value. Only columns without nulls miss one."""
        import pyarrow.compute as pc

        column, mark = part
        if column.null_count == len(column):
            self._parts[-1] += "null" + then
            return
        self._parts[-1] += mark
        self._parts += [pc.fill_null(column, "null") if column.null_count else column, mark + then]

    def whole(self, n: int) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        return pc.binary_join_element_wise(*self._parts, "") if len(self._parts) > 1 else pa.array(self._parts * n, pa.string())


def _number(column: Any) -> tuple[Any, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.cast(whole(column), pa.string()), ""


def _named(column: Any) -> tuple[Any, str]:
    """A column of strings; null where it is null or empty."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = whole(column)
    if pc.any(pc.equal(pc.binary_length(column), 0)).as_py():
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
    text, _bounds = contents(column)
    some = np.frombuffer(text, np.uint8)
    if ((some < _LOW) | (some == ord('"')) | (some == ord("\\"))).any():
        return pa.array([None if one is None else json.dumps(one, ensure_ascii=False) for one in column.to_pylist()], pa.string()), ""
    return (column, '"') if not column.null_count else (pc.binary_join_element_wise('"', column, '"', ""), "")


def _hex(column: Any) -> tuple[Any, str]:
    """A column of digests, as their hex digits; null where it is null."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = whole(column)
    if column.null_count == len(column):
        return column, ""
    text = digests(column).hex().encode()
    bounds = np.arange(0, len(text) + 1, 64, dtype=np.int32)
    digits = pa.Array.from_buffers(pa.string(), len(column), [None, pa.py_buffer(bounds), pa.py_buffer(text)])
    if not column.null_count:
        return digits, '"'
    return pc.if_else(pc.is_valid(column), pc.binary_join_element_wise('"', digits, '"', ""), pa.scalar(None, pa.string())), ""


def lost(table: Any) -> list[int]:
    """Places of rows whose labels or text are not those of the snapshot any more: their items were erased since.

    Nothing else changes a document (a trigger keeps it), so only those that are as short as what an erasure leaves are hashed.
    """
    import pyarrow.compute as pc

    found: list[int] = []
    short = pc.indices_nonzero(pc.less_equal(pc.binary_length(table["document"]), len(EMPTY))).to_pylist()
    for n in short:
        if hashlib.sha256(table["document"][n].as_py().encode()).digest() != table["labels"][n].as_py():
            found.append(n)
    if table["words"].null_count < len(table):
        found += pc.indices_nonzero(pc.and_(pc.is_valid(table["words"]), pc.is_null(table["text"]))).to_pylist()
    return sorted(set(found))


def shard(table: Any, splits: list[str], found: list[bytes], meta: list[str]) -> Any:
    """Rows in the columns of a shard; where a range ends is said when it is written."""
    import numpy as np
    import pyarrow as pa

    n = len(table)
    no = pa.array(np.zeros(n, bool))
    made = {name: table[column] for name, column in _PLAIN.items()} | {
        "split": pa.array(splits, pa.string()),
        "leaf": pa.Array.from_buffers(pa.binary(32), n, [None, pa.py_buffer(b"".join(found))]),
        "ends": no,
        "erased": no,
        "meta": pa.array(meta, pa.string()),
        "provenance": pa.StructArray.from_arrays([whole(table[name]) for name in _PEOPLE], names=list(_PEOPLE)),
    }
    schema = parquet.schema()
    return pa.table([made[field.name] for field in schema], schema=schema)


def buried(table: Any, places: list[int]) -> Any:
    """The rows of a shard's table, those at `places` as tombstones."""
    rows = parquet.rows(table)
    for n in places:
        rows[n] = tombstone(rows[n].item_id, rows[n].split, rows[n].leaf)
    return parquet.table(rows)


def fingerprint(table: Any) -> int:
    """The exclusive or of the rows' hashes, as the database's bit_xor has it."""
    import numpy as np

    return int(np.bitwise_xor.reduce(table["hash"].to_numpy())) if len(table) else 0


def digests(column: Any) -> bytes:
    """The bytes of a column of digests, one after another."""
    column = whole(column)
    found: bytes = column.buffers()[1].to_pybytes()[32 * column.offset : 32 * (column.offset + len(column))]
    return found


def quoted_list(column: Any) -> str:
    """The strings of a column as `json.dumps` writes a list of them, without its brackets."""
    coded = whole(column).dictionary_encode()
    quoted = [json.dumps(one) for one in coded.dictionary.to_pylist()]
    return ", ".join([quoted[n] for n in coded.indices.to_pylist()])

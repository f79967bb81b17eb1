"""The rows of a snapshot out of the database, thousands in an answer: what changes together is sent together, and becomes Arrow columns as it is.

A row that is sent by itself costs the database and Python a microsecond for each of its columns. So an answer is one row that holds the
columns: numbers and moments as arrays, digests one after another, texts as one text with the lengths beside it. The snapshot's table was
written in the order of keys, so that a part of it is some of its blocks, found without an index. Names of people and the like are not
sent with every row but asked for once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

TABLE = "sluice_cut"
MOST = 128  # blocks of the table that are asked for at once
ENOUGH = 4 << 20  # bytes of an answer; the next part is made larger or smaller by what came
_NONE = -(2**31)  # stands for null among numbers of 4 bytes
_EPOCH = 946_684_800_000_000  # microseconds from 1970 to 2000, where the database's moments begin
# Of the revision whose words these are: taking a fix back puts its author's revision there anew.
_BACK = "n.source = 'undo' AND p.id IS NOT NULL"
_EIGHT = {
    "item": "t.item", "hash": "t.hash", "annotation": "t.annotation", "approval": "t.approval", "batch": "t.batch", "schema_version": "n.schema_version_id",
    "labelled_by": f"coalesce(CASE WHEN {_BACK} THEN p.person_id ELSE n.person_id END, 0)", "labelled_at": f"CASE WHEN {_BACK} THEN p.created_at ELSE n.created_at END",
    "reviewed_by": "coalesce(r.person_id, 0)", "approved_by": "coalesce(t.approver, 0)", "approved_at": "t.approved_at",
}  # fmt: skip
_FOUR = {name: f"coalesce(t.{name}, '{_NONE}'::int)" for name in ("frame", "width", "height")} | {"revision": "n.number"}
_DIGESTS = {"media": "t.media", "words": "t.words", "labels": "n.digest"}
_TEXTS = {"key": "t.key", "group_key": "t.group_key", "uri": "t.uri", "meta": "t.meta::text", "document": "n.document", "source": f"CASE WHEN {_BACK} THEN p.source ELSE n.source END", "cause": "t.cause"}
_ZERO = "\\x" + "00" * 32
_FROM = f"""
FROM {TABLE} t JOIN annotate_annotation n ON n.id = t.annotation {{joins}}
LEFT JOIN annotate_annotation p ON p.id = n.parent_id AND n.source = 'undo' LEFT JOIN annotate_review r ON r.id = t.review
WHERE t.ctid >= '({{low}},0)' AND t.ctid < '({{high}},0)'
"""
_NAMED = {
    "labelled_by": "SELECT id, name FROM annotate_person WHERE id = ANY(%s)",
    "schema_version": "SELECT id, number FROM annotate_schemaversion WHERE id = ANY(%s)",
}
_NAMED |= dict.fromkeys(("reviewed_by", "approved_by"), _NAMED["labelled_by"])


@dataclass(frozen=True)
class Fetched:
    """An answer: its fields by name, and the names behind its ids."""

    fields: Mapping[str, bytes]
    names: Mapping[str, Mapping[int, Any]]

    @property
    def size(self) -> int:
        return sum(map(len, self.fields.values()))

    def table(self) -> Any:
        """The rows in the order of their keys: numbers, strings, digests of 32 bytes; `labelled_at` and `approved_at` as RFC 3339."""
        import pyarrow as pa
        import pyarrow.compute as pc

        wide = {name: _numbers(self.fields[name], ">i8") for name in _EIGHT}
        narrow = {name: _numbers(self.fields[name], ">i4") for name in _FOUR}
        made: dict[str, Any] = {name: pa.array(wide[name]) for name in ("item", "hash", "annotation", "approval", "schema_version")}
        made |= {name: pa.array(column, mask=column == _NONE) for name, column in narrow.items()}
        made |= {name: _digests(self.fields[name], len(wide["item"])) for name in _DIGESTS}
        for name in (*_TEXTS, "text", "round", "method"):
            made[name] = _texts(self.fields[name], self.fields[f"{name} lengths"]) if name in self.fields else pa.nulls(len(wide["item"]), pa.string())
        for name in ("labelled_by", "reviewed_by", "approved_by", "batch"):
            made[name] = _named(wide[name], self.names[name], pa.string())
        made["schema_number"] = _named(wide["schema_version"], self.names["schema_version"], pa.int32())
        for name in ("labelled_at", "approved_at"):
            made[name] = _moments(wide[name])
        table = pa.table(made)
        keys = table["key"].combine_chunks().cast(pa.binary())
        if len(keys) > 1 and not pc.all(pc.less(keys[:-1], keys[1:])).as_py():  # the database read the table in another order
            table = table.take(pc.sort_indices(keys)).combine_chunks()
        return table


class Fetching:
    """`batches`: their names at the instant of the snapshot. `origins`: column ("round", "method") → (expression, joins), from rooms that know of
    them. `words`: some of the items are texts."""

    def __init__(self, batches: Mapping[int, str], origins: Mapping[str, tuple[str, str]], *, words: bool) -> None:
        texts = _TEXTS | {name: expression for name, (expression, _joins) in origins.items()}
        joins = ["JOIN annotate_approval a ON a.id = t.approval", *(joins for _expression, joins in origins.values())] if origins else []
        if words:
            texts["text"] = "i.text"
            joins.append("JOIN annotate_item i ON i.id = t.item")
        self._columns = {name: f"array_agg({expression})" for name, expression in (_EIGHT | _FOUR).items()}
        self._columns |= {name: f"string_agg(coalesce({expression}, '{_ZERO}'), '')" for name, expression in _DIGESTS.items()}
        for name, expression in texts.items():
            self._columns |= {name: f"string_agg({expression}, '')", f"{name} lengths": f"array_agg(coalesce(octet_length({expression}), -1))"}
        self._from = _FROM.replace("{joins}", " ".join(joins))
        self._names: dict[str, dict[int, Any]] = {name: {} for name in _NAMED} | {"batch": dict(batches)}

    def __iter__(self) -> Iterator[Fetched]:
        """All rows in the order of their keys, part by part."""
        [(blocks,)] = _rows(f"SELECT pg_relation_size('{TABLE}') / current_setting('block_size')::int")
        low, step = 0, MOST // 16
        while low < blocks:
            fetched = self._fetch(low, low + step)
            low += step
            if fetched is not None:
                step = max(1, min(MOST, 4 * step, step * ENOUGH // fetched.size))
                yield fetched

    def _fetch(self, low: int, high: int) -> Fetched | None:
        from psycopg import Cursor

        connection.ensure_connection()
        statement = f"SELECT {', '.join(self._columns.values())} {self._from.replace('{low}', str(low)).replace('{high}', str(high))}"
        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            cursor.execute(statement.encode(), binary=True, prepare=False)
            answer = cursor.pgresult
            assert answer is not None
            fields = {name: answer.get_value(0, n) or b"" for n, name in enumerate(self._columns)}  # as they are: no text is decoded
        if not fields["item"]:
            return None
        for name, statement in _NAMED.items():
            self._learn(name, statement, fields[name])
        return Fetched(fields, self._names)

    def _learn(self, name: str, statement: str, field: bytes) -> None:
        import numpy as np

        new = [one for one in np.unique(_numbers(field, ">i8")).tolist() if one and one not in self._names[name]]
        if new:
            self._names[name] |= dict(_rows(statement, [new]))


def _rows(sql: str, values: Any = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _numbers(array: bytes, stored: str) -> Any:
    """The elements of an array as the database sends it: a head that tells its dimensions, then each with its length before it."""
    import numpy as np

    (dimensions,) = struct.unpack_from(">i", array)
    sent = np.frombuffer(array, [("length", ">i4"), ("value", stored)], offset=12 + 8 * dimensions)["value"]
    return sent.astype(sent.dtype.newbyteorder("="))


def _valid(there: Any) -> Any:
    """Arrow's bitmap of what is not null; None when all is."""
    import numpy as np
    import pyarrow as pa

    return None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))


def _digests(content: bytes, n: int) -> Any:
    import numpy as np
    import pyarrow as pa

    if len(content) != 32 * n:
        raise ValueError("a digest is not of 32 bytes")
    there = np.frombuffer(content, np.uint64).reshape(n, 4).any(axis=1)
    return pa.Array.from_buffers(pa.binary(32), n, [_valid(there), pa.py_buffer(content)])


def _texts(content: bytes, lengths: bytes) -> Any:
    import numpy as np
    import pyarrow as pa

    sizes = _numbers(lengths, ">i4")
    ends = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(np.maximum(sizes, 0), out=ends[1:])
    if ends[-1] != len(content):
        raise ValueError("the database counts the bytes of its texts otherwise than it sends them: its encoding is not UTF8")
    return pa.Array.from_buffers(pa.string(), len(sizes), [_valid(sizes >= 0), pa.py_buffer(ends), pa.py_buffer(content)])


def _named(ids: Any, names: Mapping[int, Any], kind: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    known, places = np.unique(ids, return_inverse=True)
    return pa.array([names.get(one) for one in known.tolist()], kind).take(pa.array(places))


def _moments(microseconds: Any) -> Any:
    """As the database writes them in UTC, with T and Z: without zeros at the end of the fraction."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pa.array(microseconds + _EPOCH).dictionary_encode()  # an import's are all alike
    text = pc.replace_substring(coded.dictionary.cast(pa.timestamp("us")).cast(pa.string()), " ", "T")
    plain = pc.ascii_rtrim(pc.ascii_rtrim(text, characters="0"), characters=".")
    return pc.binary_join_element_wise(plain, "Z", "").take(coded.indices)

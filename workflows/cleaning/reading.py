"""Columns out of the database, thousands of rows in a message: a million rows become arrays without a Python object or a call for each.

A row that is sent by itself costs the database and Python a microsecond each. So rows are gathered in pieces of neighbouring keys, and each
piece is one row of a binary COPY: what takes equally many bytes in every row comes as one string of records, as their bytes stand in memory (an
array for each column would cost the database a third more); what has no fixed size comes as one string with the lengths beside it.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_SIGNATURE, _HEADER, _END = b"PGCOPY\n\xff\r\n\x00", 19, b"\xff\xff"
_NULL = -1  # the length of none
PIECE = 1 << 14  # keys that share a piece
# What the database sends for each of numpy's types: how its bytes are told, the element that they are, what stands for null.
TYPES = {
    "i8": ("int8send(({})::bigint)", ">i8", "int8send(0)"),
    "i4": ("int4send(({})::integer)", ">i4", "int4send(-1)"),
    "i2": ("int2send(({})::smallint)", ">i2", "int2send(-1::smallint)"),
    "f8": ("float8send(({})::float8)", ">f8", "float8send('NaN')"),
    "f4": ("float4send(({})::real)", ">f4", "float4send('NaN')"),
    "?": ("boolsend({})", "?", "boolsend(false)"),
    "u8": ("int8send(({})::bigint)", ">u8", "int8send(0)"),  # the same 64 bits
    "digest": ("{}", ">u8", "'\\x0000000000000000'::bytea"),  # 8 bytes as they are
    "bands": ("{}", "(14,)<u8", f"'\\x{bytes(14 * 8).hex()}'::bytea"),
    "code": ("int8send(hashtextextended({}, 0))", ">i8", "int8send(-1)"),
}
CODE = "code"  # a text, mostly of few different values, that may be null
MOST = 64  # different values that are asked for one by one
Columns = dict[str, NDArray[Any]]
Parts = Sequence[tuple[str, Sequence[Any]]]
Asked = Mapping[str, tuple[str, str, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Rows:
    """`keys`, ascending and each once, and what stands beside them by name."""

    keys: NDArray[np.int64]
    columns: Columns


@dataclass(frozen=True, slots=True)
class Records:
    """Records that belong to `keys`, `counts` of them to each, one after another; their `fields` by name, and what else stands beside the keys."""

    keys: NDArray[np.int64]
    columns: Columns
    counts: NDArray[np.int64]
    fields: Columns


def numbers(key: str, columns: Asked, parts: Parts) -> Rows:
    """Arrays by name of `SELECT … part` of all parts: `columns` maps a name to (SQL, type of `TYPES` or `CODE`, values of the SQL; of a code it is an
    object array of str or None). A part is FROM and WHERE with its values; no key is in two parts."""
    sent: Asked = {"": (key, "i8", ()), **columns}
    pieces: dict[str, list[NDArray[Any]]] = {name: [] for name in sent}
    with_values = [(rest, (*_values_of(sent), *values)) for rest, values in parts]
    for (packed,) in _pieces(key, [_packed(sent)], with_values):
        _unpack(packed, sent, pieces)
    _ascend(pieces[""], *pieces.values())
    found = {name: _joined(pieces.pop(name), kind) for name, (_sql, kind, _values) in sent.items()}
    order = _order(found[""])
    found = found if order is None else {name: column[order] for name, column in found.items()}
    keys = found.pop("")
    for name, (expression, kind, values) in columns.items():
        if kind == CODE:
            found[name] = _decoded(found[name], keys, key, expression, [(rest, (*values, *more)) for rest, more in parts])
    return Rows(keys, found)


def _values_of(columns: Asked) -> list[Any]:
    return [value for _sql, _kind, values in columns.values() for value in values]


def texts(key: str, expression: str, parts: Parts) -> Rows:
    """The same of one expression, as the column "text", an object array of str or None."""
    sent: Asked = {"key": ("x.key", "i8", ()), "length": ("length(x.value)", "i4", ())}
    selected = [_packed(sent), "convert_to(coalesce(string_agg(x.value, ''), ''), 'UTF8')"]
    within = [(f"FROM (SELECT {key} AS key, ({expression})::text AS value {rest} OFFSET 0) x", values) for rest, values in parts]
    pieces: dict[str, list[NDArray[Any]]] = {name: [] for name in sent}
    found = list[str | None]()
    for packed, content in _pieces("x.key", selected, within):
        _unpack(packed, sent, pieces)
        text, sizes = bytes(content).decode(), pieces["length"][-1]
        ends = np.cumsum(np.maximum(sizes, 0))
        starts = ends - np.maximum(sizes, 0)
        told: list[str | None] = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        for place in np.flatnonzero(sizes == _NULL).tolist():
            told[place] = None
        found += told
    known, column = _joined(pieces["key"], "i8"), objects(found)
    order = _order(known)
    return Rows(known, {"text": column}) if order is None else Rows(known[order], {"text": column[order]})


def records(
    key: str, expression: str, parts: Parts, layout: np.dtype[Any], fields: Collection[str], columns: Asked | None = None
) -> Records:
    """These fields of the records of this layout that the expression holds, none for null. `columns`, of `TYPES` and without values, come with them.

    Each piece is taken apart while it is in the processor's cache: a rule looks through one field of millions of records.
    """
    sent: Asked = {"": (key, "i8", ()), **(columns or {}), " bytes": (f"coalesce(octet_length({expression}), 0)", "i4", ())}
    pieces: dict[str, list[NDArray[Any]]] = {name: [] for name in sent}
    apart: dict[str, list[NDArray[Any]]] = {name: [] for name in fields}
    for joined, packed in _pieces(key, [f"coalesce(string_agg({expression}, ''), '')", _packed(sent)], parts):
        told = np.frombuffer(joined, layout)
        for name, column in apart.items():
            column.append(np.ascontiguousarray(told[name]))
        _unpack(packed, sent, pieces)
    _ascend(pieces[""], *pieces.values(), *apart.values())
    found = {name: _joined(pieces[name], kind) for name, (_sql, kind, _values) in sent.items()}
    of_fields = {name: np.concatenate(column) if column else np.empty(0, layout[name]) for name, column in apart.items()}
    counts = found.pop(" bytes").astype(np.int64) // layout.itemsize
    rows = Records(found.pop(""), found, counts, of_fields)
    order = _order(rows.keys)
    return rows if order is None else taken(rows, order)


def taken(rows: Records, order: NDArray[np.intp]) -> Records:
    """These keys, in this order, with their records."""
    starts = (np.cumsum(rows.counts) - rows.counts)[order]
    counts = rows.counts[order]
    place = np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    columns = {name: column[order] for name, column in rows.columns.items()}
    return Records(rows.keys[order], columns, counts, {name: column[place] for name, column in rows.fields.items()})


def ids(statement: str, values: Sequence[Any]) -> NDArray[np.int64]:
    """The ids that a statement of one column tells, in whatever order it does."""
    sent: Asked = {"": ("x.id", "i8", ())}
    pieces: dict[str, list[NDArray[Any]]] = {"": []}
    for (packed,) in _rows(f"SELECT {_packed(sent)} FROM ({statement}) x(id) GROUP BY x.id / {PIECE}", values):
        _unpack(packed, sent, pieces)
    return _joined(pieces[""], "i8")


def more_than(many: int, rest: str) -> bool:
    """Whether there are more rows than so many."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT {rest} LIMIT %s) x", [many + 1])
        return bool(cursor.fetchone()[0] > many)


def lines(expression: str, rest: str, values: Sequence[Any]) -> list[bytes]:
    """The bytes of each row of `SELECT expression rest`, for few rows; empty for null."""
    return [bytes(row[0]) for row in _rows(f"SELECT {expression} {rest}", values)]


def _packed(sent: Asked) -> str:
    """SQL of a piece's records: these columns of its rows, one row after another."""
    columns = [f"coalesce({form.format(expression)}, {null})" for expression, kind, _values in sent.values() for form, _element, null in [TYPES[kind]]]
    return f"string_agg({' || '.join(columns)}, '')"


def _unpack(records: memoryview, sent: Asked, pieces: Mapping[str, list[NDArray[Any]]]) -> None:
    """Their columns apart, each put to those of its name."""
    layout = np.dtype([(f"{place}", TYPES[kind][1]) for place, (_sql, kind, _values) in enumerate(sent.values())])
    told = np.frombuffer(records, layout)
    for place, name in enumerate(sent):
        column = told[f"{place}"]
        pieces[name].append(column.astype(column.dtype.newbyteorder("=")))


def _ascend(keys: Sequence[NDArray[np.int64]], *columns: list[NDArray[Any]]) -> None:
    """Pieces in the order of their keys, so that rows that stand so in their table need not be sorted. They come in the order of a hash."""
    order = sorted(range(len(keys)), key=lambda place: int(keys[place][0]))
    for column in columns:
        column[:] = [column[place] for place in order]


def _joined(pieces: list[NDArray[Any]], kind: str) -> NDArray[Any]:
    return np.concatenate(pieces) if pieces else np.empty(0, TYPES[kind][1].lstrip(">"))


def _order(keys: NDArray[np.int64]) -> NDArray[np.intp] | None:
    """What sorts rows by their keys; None where they came so: within a piece rows stand in the order the database met them."""
    return None if (np.diff(keys) > 0).all() else np.argsort(keys, kind="stable")


def _decoded(codes: NDArray[np.int64], keys: NDArray[np.int64], key: str, expression: str, parts: Parts) -> NDArray[Any]:
    """The texts behind their hashes, each asked of one row that has it, so that each different text is one object; of many different ones all are
    read. `parts` have the values of the expression before their own."""
    names: list[str | None] = []
    numbered = np.empty(len(codes), np.intp)
    left = np.arange(len(codes))
    while len(left):
        if len(names) == MOST:
            return texts(key, expression, parts).columns["text"]
        same = codes[left] == codes[left[0]]
        numbered[left[same]] = len(names)
        names.append(_one(key, expression, parts, int(keys[left[0]])))
        left = left[~same]
    return objects(names)[numbered] if names else np.empty(0, object)


def _one(key: str, expression: str, parts: Parts, of: int) -> str | None:
    found: list[tuple[str | None]] = []
    with connection.cursor() as cursor:
        for rest, values in parts:
            cursor.execute(f"SELECT ({expression})::text {rest} AND {key} = %s", (*values, of))
            found += cursor.fetchall()
    return found[0][0]


def objects(values: list[Any]) -> NDArray[Any]:
    """An object array of these."""
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _pieces(key: str, selected: Sequence[str], parts: Parts) -> Iterator[list[memoryview]]:
    for rest, values in parts:
        yield from _rows(f"SELECT {', '.join(selected)} {rest} GROUP BY {key} / {PIECE}", values)


def _rows(select: str, values: Sequence[Any]) -> Iterator[list[memoryview]]:
    """The fields of each row of the stream; empty for null. (One message of the protocol is one row.)"""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        statement = f"COPY ({select}) TO STDOUT (FORMAT binary)"
        with cursor.copy(statement, list(values)) if values else cursor.copy(statement) as stream:
            for message in stream:
                row = memoryview(message)[_HEADER if bytes(message[:11]) == _SIGNATURE else 0 :]
                if len(row) and row != _END:
                    yield _fields(row)


def _fields(row: memoryview) -> list[memoryview]:
    (many,) = struct.unpack_from(">h", row)
    place, fields = 2, []
    for _ in range(many):
        (length,) = struct.unpack_from(">i", row, place)
        place += 4
        fields.append(row[place : place + max(length, 0)])
        place += max(length, 0)
    return fields

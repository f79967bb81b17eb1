"""Columns out of the database by binary COPY: a million rows become arrays without a Python object for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_SIGNATURE, _HEADER, _END = b"PGCOPY\n\xff\r\n\x00", 19, b"\xff\xff"
_CODE = 32  # bytes of a short text
# What the database sends for each of numpy's types: its own name of the type, how it stands in the stream, what stands for null.
TYPES = {
    "i8": ("bigint", ">i8", "0"),
    "i4": ("integer", ">i4", "-1"),
    "i2": ("smallint", ">i2", "-1"),
    "f8": ("float8", ">f8", "'NaN'"),
    "f4": ("real", ">f4", "'NaN'"),
    "?": ("boolean", "?", "false"),
    "u8": ("bigint", ">i8", "0"),  # the same 64 bits
    "digest": ("bytea", ">u8", "'\\x0000000000000000'"),  # 8 bytes as they are
}
CODE = "code"  # a text of few different values, at most 32 bytes, that may be null


def numbers(columns: Mapping[str, tuple[str, str]], rest: str, values: Sequence[Any]) -> dict[str, NDArray[Any]]:
    """Arrays by name of `SELECT … rest`: `columns` maps a name to (SQL, type of `TYPES` or `CODE`; of a code it is an object array of str or None)."""
    selected, fields = [], [("n", ">i2")]
    for name, (expression, kind) in columns.items():
        stored = f"S{_CODE}" if kind == CODE else TYPES[kind][1]
        selected.append(_sent(expression, kind))
        fields += [(f"{name} length", ">i4"), (name, stored)]
    raw = bytearray()
    for message in _stream(f"SELECT {', '.join(selected)} {rest}", values):
        raw += message
    layout = np.dtype(fields)
    rows = np.frombuffer(raw, layout, (len(raw) - _HEADER - len(_END)) // layout.itemsize, _HEADER)
    return {name: _codes(rows[name]) if kind == CODE else _native(rows[name], kind) for name, (_expression, kind) in columns.items()}


def _sent(expression: str, kind: str) -> str:
    """SQL of a value that takes equally many bytes in each row."""
    if kind == CODE:
        return f"substring(convert_to(coalesce({expression}, chr(1)), 'UTF8') || decode(repeat('00', {_CODE}), 'hex') FROM 1 FOR {_CODE})"
    cast, _stored, null = TYPES[kind]
    return f"coalesce(({expression})::{cast}, {null}::{cast})"


def _native(column: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind == "digest":
        return column.astype(np.uint64)
    if kind == "u8":
        return column.astype("=i8").view(np.uint64)
    return column.astype(np.dtype(kind).newbyteorder("="))


def _codes(column: NDArray[Any]) -> NDArray[Any]:
    """Each different text is one object, however many rows have it."""
    every = column.tolist()
    known = {code: None if code == b"\x01" else code.decode(errors="replace") for code in set(every)}
    return _objects(list(map(known.__getitem__, every)))


def _objects(values: list[Any]) -> NDArray[Any]:
    column = np.empty(len(values), object)
    column[:] = values
    return column


def texts(expression: str, rest: str, values: Sequence[Any]) -> NDArray[Any]:
    """An object array of str or None of `SELECT expression rest`."""
    found = [
        None if message[2:6] == b"\xff\xff\xff\xff" else message[6:].decode()
        for message in _messages(f"SELECT ({expression})::text {rest}", values)
    ]
    return _objects(found)


def raws(expression: str, rest: str, values: Sequence[Any]) -> list[bytes]:
    """The bytes of each row of `SELECT expression rest`; empty for null."""
    return [bytes(message[6:]) for message in _messages(f"SELECT {expression} {rest}", values)]


def joined_raws(
    expression: str, rest: str, values: Sequence[Any], columns: Mapping[str, tuple[str, str]] | None = None
) -> tuple[bytearray, NDArray[np.int64], dict[str, NDArray[Any]]]:
    """The bytes of all rows of `SELECT expression rest` one after another, and how many are of each row; none for null. `columns`, of `TYPES`,
    come with them, as `numbers` gives them."""
    columns = columns or {}
    fields: list[tuple[str, str]] = [("n", ">i2")]
    for name, (_expression, kind) in columns.items():
        fields += [(f"{name} length", ">i4"), (name, TYPES[kind][1])]
    layout = np.dtype(fields)
    start, content, prefixes, lengths = layout.itemsize, bytearray(), bytearray(), []
    selected = [_sent(sql, kind) for sql, kind in columns.values()]
    for message in _messages(f"SELECT {', '.join([*selected, expression])} {rest}", values):
        prefixes += message[:start]
        content += message[start + 4 :]
        lengths.append(len(message) - start - 4)
    rows = np.frombuffer(prefixes, layout)
    return content, np.array(lengths, np.int64), {name: _native(rows[name], kind) for name, (_sql, kind) in columns.items()}


def _messages(select: str, values: Sequence[Any]) -> Iterator[bytes]:
    """Each row as the stream has it, without the stream's head and end. (One message of the protocol is one row.)"""
    for message in _stream(select, values):
        row = message[_HEADER:] if message.startswith(_SIGNATURE) else message
        if row and row != _END:
            yield row


def _stream(select: str, values: Sequence[Any]) -> Iterator[bytes]:
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        statement = f"COPY ({select}) TO STDOUT (FORMAT binary)"
        with cursor.copy(statement, list(values)) if values else cursor.copy(statement) as stream:
            for message in stream:
                yield bytes(message)

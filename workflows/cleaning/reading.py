"""Columns out of the database by binary COPY: a million rows become arrays without a Python object for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_SIGNATURE, _HEADER, _END = b"PGCOPY\n\xff\r\n\x00", 19, b"\xff\xff"
# What the database sends for each of numpy's types: its own name of the type, how it stands in the stream, what stands for null.
TYPES = {
    "i8": ("bigint", ">i8", "0"),
    "i4": ("integer", ">i4", "-1"),
    "i2": ("smallint", ">i2", "-1"),
    "f8": ("float8", ">f8", "'NaN'"),
    "f4": ("real", ">f4", "'NaN'"),
    "?": ("boolean", "?", "false"),
    "u8": ("bigint", ">i8", "0"),  # the same 64 bits
}


def numbers(columns: Mapping[str, tuple[str, str]], rest: str, values: Sequence[Any]) -> dict[str, NDArray[Any]]:
    """Arrays by name of `SELECT … rest`: `columns` maps a name to (SQL, numpy type of `TYPES`)."""
    selected, fields = [], [("n", ">i2")]
    for name, (expression, kind) in columns.items():
        cast, stored, null = TYPES[kind]
        selected.append(f"coalesce(({expression})::{cast}, {null}::{cast})")
        fields += [(f"{name} length", ">i4"), (name, stored)]
    raw = b"".join(_messages(f"SELECT {', '.join(selected)} {rest}", values))
    rows = np.frombuffer(raw, np.dtype(fields))
    return {name: _native(rows[name], kind) for name, (_expression, kind) in columns.items()}


def _native(column: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind == "u8":
        return column.astype("=i8").view(np.uint64)
    return column.astype(np.dtype(kind).newbyteorder("="))


def texts(expression: str, rest: str, values: Sequence[Any]) -> NDArray[Any]:
    """An object array of str or None of `SELECT expression rest`."""
    found = [
        None if message[2:6] == b"\xff\xff\xff\xff" else message[6:].decode()
        for message in _messages(f"SELECT ({expression})::text {rest}", values)
    ]
    column = np.empty(len(found), object)
    column[:] = found
    return column


def raws(expression: str, rest: str, values: Sequence[Any]) -> list[bytes]:
    """The bytes of each row of `SELECT expression rest`; empty for null."""
    return [bytes(message[6:]) for message in _messages(f"SELECT {expression} {rest}", values)]


def _messages(select: str, values: Sequence[Any]) -> Iterator[bytes]:
    """Each row as the stream has it, without the stream's head and end. (One message of the protocol is one row.)"""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        statement = f"COPY ({select}) TO STDOUT (FORMAT binary)"
        with cursor.copy(statement, list(values)) if values else cursor.copy(statement) as stream:
            for message in stream:
                row = bytes(message)
                if row.startswith(_SIGNATURE):
                    row = row[_HEADER:]
                if row and row != _END:
                    yield row

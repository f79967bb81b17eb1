"""How statements of `kernel.sql` travel: by libpq itself, prepared once per connection, several of them in one packet.

A cursor of psycopg costs several times what libpq does, and a round trip more than many a statement. Values go as text, and
a cast in the statement says what they are: `%(name)s::type`. Where there is none, the value's own type does. Rows are read by
the loaders of the connection, so they are what a cursor of it would give.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import select
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg_pool import ConnectionPool

MOST = 500  # statements that a connection keeps prepared; there are fewer, but texts with numbers in them would add up
_PLACE = re.compile(r"%(?:%|\((\w+)\)([sb])(\s*::)?)")
_UNKNOWN, _TEXTS = 0, 1009
_ARRAY, _LENGTH = struct.Struct(">iiIii"), struct.Struct(">i")  # dimensions, whether nulls, type, how many, from where
_OIDS = {int: 20, bool: 16, float: 701, str: _UNKNOWN, type(None): _UNKNOWN}
_STALE = ("26000", "0A000")  # a prepared statement that has gone, or whose tables have changed under it

_numbers = itertools.count()
_prepared: WeakKeyDictionary[psycopg.Connection[Any], dict[tuple[str, tuple[int, ...]], bytes]] = WeakKeyDictionary()


@dataclass(frozen=True)
class _Text:
    """A statement as the server takes it, and its values in order: (name, binary, whether a cast says its type)."""

    text: bytes
    places: tuple[tuple[str, bool, bool], ...]


@lru_cache(1000)
def _read(statement: str) -> _Text:
    """
    >>> _read("SELECT %(a)s::int, %(b)s, 5 %% 2, %(a)s::int")
    _Text(text=b'SELECT $1::int, $2, 5 % 2, $1::int', places=(('a', False, True), ('b', False, False)))
    """
    numbers: dict[str, int] = {}
    places: list[tuple[str, bool, bool]] = []

    def place(found: re.Match[str]) -> str:
        name, form, cast = found.groups()
        if name is None:
            return "%"
        if name not in numbers:
            numbers[name] = len(places)
            places.append((name, form == "b", bool(cast)))
        elif not cast:
            places[numbers[name]] = (name, form == "b", False)
        return f"${numbers[name] + 1}{cast or ''}"

    text = _PLACE.sub(place, statement)
    return _Text(text.encode(), tuple(places))


def _said(value: Any, kind: type) -> bytes | None:
    """A value of a plain type as text."""
    if kind is int:
        return b"%d" % value
    if kind is str:
        if "\x00" in value:
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return value.encode()  # type: ignore[no-any-return]
    if kind is bool:
        return b"t" if value else b"f"
    return None if value is None else repr(value).encode()


def _listed(value: list[Any], binary: bool) -> bytes | None:
    """A list of whole numbers as the text of an array, or, `binary`, one of texts as Postgres keeps it; None of any other. psycopg asks each
    of its values what it is: half of what a statement on some hundred rows costs here."""
    kinds = set(map(type, value))
    if not binary:
        return b"{%s}" % ",".join(map(str, value)).encode() if kinds == {int} else None
    if kinds != {str}:
        return None
    parts = [_ARRAY.pack(1, 0, 25, len(value), 1)]
    for text in value:
        if "\x00" in text:
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        raw = text.encode()
        parts += (_LENGTH.pack(len(raw)), raw)
    return b"".join(parts)


def _values(raw: psycopg.Connection[Any], places: Sequence[tuple[str, bool, bool]], values: Mapping[str, Any]) -> tuple[list[Any], list[int], list[int]]:
    """(texts, types, formats) of the values."""
    texts: list[Any] = []
    types: list[int] = []
    formats: list[int] = []
    for name, binary, cast in places:
        value = values[name]
        kind = type(value)
        if kind is bytes and not binary:
            texts.append(b"\\x" + value.hex().encode())
            oid = 17
        elif kind in _OIDS and not binary:
            texts.append(_said(value, kind))
            oid = _OIDS[kind]
        elif kind is list and value and (cast or binary) and (listed := _listed(value, binary)) is not None:
            texts.append(listed)
            oid = _TEXTS
        else:
            dumper = Transformer(raw).get_dumper(value, PyFormat.BINARY if binary else PyFormat.TEXT)
            texts.append(dumper.dump(value))
            oid = dumper.oid
        types.append(_UNKNOWN if cast and not binary else oid)
        formats.append(1 if binary else 0)
    return texts, types, formats


class _Ask:
    """A statement with its values, ready to send: it is prepared on the connection where it was not yet."""

    __slots__ = ("formats", "name", "texts")

    def __init__(self, raw: psycopg.Connection[Any], statement: str, values: Mapping[str, Any]) -> None:
        read = _read(statement)
        self.texts, types, self.formats = _values(raw, read.places, values)
        names = _prepared.setdefault(raw, {})
        key = (statement, tuple(types))
        name = names.get(key)
        if name is None:
            name = b"sluice_%d" % next(_numbers)
            _sound(raw.pgconn.prepare(name, read.text, types))
            names[key] = name
        self.name = name


def _sound(result: PGresult) -> PGresult:
    """The result itself; the error that it is, as psycopg raises it."""
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    raise psycopg.errors.error_from_result(result)


def _forget(raw: psycopg.Connection[Any]) -> None:
    """In a transaction that failed the server keeps them, under names that do not come again."""
    _prepared.pop(raw, None)
    raw.pgconn.exec_(b"DEALLOCATE ALL")


def _rows(raw: psycopg.Connection[Any], result: PGresult) -> list[tuple[Any, ...]]:
    if not result.nfields:
        return []
    transformer = Transformer(raw)
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, tuple)


def run(raw: psycopg.Connection[Any], asked: Sequence[tuple[str, Mapping[str, Any]]], *, commits: bool = False) -> list[list[tuple[Any, ...]]]:
    """The rows of each statement, all sent at once; BEGIN goes before them where the connection owes one, COMMIT after them
    with `commits`. When one fails, those after it are not carried out, and its error is raised."""
    idle = raw.pgconn.transaction_status == TransactionStatus.IDLE
    try:
        return _run(raw, asked, begins=idle and not raw.autocommit, commits=commits)
    except psycopg.Error as error:
        if error.sqlstate not in _STALE:
            raise
        if not idle:
            _forget(raw)  # what was done before in the transaction is lost: whoever asks again finds it prepared anew
            raise
    if raw.pgconn.transaction_status != TransactionStatus.IDLE:
        raw.pgconn.exec_(b"ROLLBACK")
    _forget(raw)  # nothing has happened yet: prepare anew, and ask again
    return _run(raw, asked, begins=not raw.autocommit, commits=commits)


def _run(raw: psycopg.Connection[Any], asked: Sequence[tuple[str, Mapping[str, Any]]], *, begins: bool, commits: bool) -> list[list[tuple[Any, ...]]]:
    pgconn = raw.pgconn
    if len(_prepared.get(raw, ())) + len(asked) > MOST:
        _forget(raw)
    asks = [_Ask(raw, statement, values) for statement, values in asked]
    if len(asks) == 1 and not begins and not commits:
        ask = asks[0]
        return [_rows(raw, _sound(pgconn.exec_prepared(ask.name, ask.texts, ask.formats)))]
    results = _together(pgconn, asks, begins, commits)
    for result in results:
        _sound(result)
    return [_rows(raw, result) for result in (results[1:] if begins else results)[: len(asks)]]


def _together(pgconn: PGconn, asks: Sequence[_Ask], begins: bool, commits: bool) -> list[PGresult]:
    pgconn.enter_pipeline_mode()
    try:
        if begins:
            pgconn.send_query_params(b"BEGIN", None)
        for ask in asks:
            pgconn.send_query_prepared(ask.name, ask.texts, ask.formats)
        if commits:
            pgconn.send_query_params(b"COMMIT", None)
        pgconn.pipeline_sync()
        results = _answers(pgconn)
        pgconn.exit_pipeline_mode()
    except BaseException:  # what is under way is unknown now: nobody may go on with this connection
        with contextlib.suppress(psycopg.Error):
            pgconn.finish()
        raise
    return results


def _answers(pgconn: PGconn) -> list[PGresult]:
    """All results up to the sync. Waits outside the interpreter's lock."""
    waiting = select.poll()
    waiting.register(pgconn.socket, select.POLLIN)
    while pgconn.flush():  # what is longer than the socket takes at once
        waiting.modify(pgconn.socket, select.POLLIN | select.POLLOUT)
        if any(event & select.POLLIN for _socket, event in waiting.poll()):
            pgconn.consume_input()
    waiting.modify(pgconn.socket, select.POLLIN)
    results: list[PGresult] = []
    while True:
        while not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                return results
            results.append(result)
        waiting.poll()
        pgconn.consume_input()


def alive(raw: psycopg.Connection[Any]) -> bool:
    """Whether a pooled connection is good still, without a round trip: a server that has gone has said so on the socket."""
    waiting = select.poll()
    waiting.register(raw.pgconn.socket, select.POLLIN)
    if not waiting.poll(0):
        return True
    try:
        ConnectionPool.check_connection(raw)
    except psycopg.Error:
        return False
    return True

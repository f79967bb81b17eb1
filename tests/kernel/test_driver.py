"""Statements that libpq carries: values and rows as a cursor gives them, one trip for several, errors as psycopg's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, NotSupportedError, OperationalError, connection, transaction

from annotate.kernel import driver, sql

pytestmark = pytest.mark.django_db
VALUES: dict[str, Any] = {
    "int": -(2**40), "text": "ü 'quoted' \\ text", "empty": "", "none": None, "yes": True, "float": 0.1, "bytes": b"\x00\xff\\", "ids": [1, 2, 3],
    "texts": ["a,b", 'c"d', "NULL", "", "ü"], "moment": dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC), "span": dt.timedelta(hours=8),
}  # fmt: skip
TYPES = {"int": "bigint", "text": "text", "empty": "text", "none": "text", "yes": "bool", "float": "float8", "bytes": "bytea", "ids": "bigint[]",
         "texts": "text[]", "moment": "timestamptz", "span": "interval"}  # fmt: skip


@pytest.mark.parametrize("form", ["s", "b"])
def test_values_come_back_as_they_went_and_as_a_cursor_gives_them(form: str) -> None:
    named = {name: form if name in ("ids", "texts") else "s" for name in VALUES}
    statement = "SELECT " + ", ".join(f"%({name}){named[name]}::{kind}" for name, kind in TYPES.items()) + ", '{\"a\": 1}'::jsonb, 5 %% 3"
    found = sql.row(statement, VALUES)
    with psycopg.Cursor(connection.connection) as cursor:
        assert found == cursor.execute(statement, VALUES).fetchone()
    assert found[: len(VALUES)] == tuple(VALUES.values()) and found[-2:] == ('{"a": 1}', 2)


def test_a_value_without_a_cast_has_its_own_type() -> None:
    assert sql.row("SELECT pg_typeof(%(n)s)::text, %(n)s + 1, %(yes)s, pg_typeof(%(raw)s)::text", {"n": 2, "yes": False, "raw": b"a"}) == ("bigint", 3, False, "bytea")


def test_a_statement_is_prepared_once_whatever_its_values() -> None:
    for value in (1, 2**40, None, -5):
        sql.rows("SELECT %(once)s::bigint AS only_once", {"once": value})
    assert sql.row("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%AS only_once'", {}) == (1,)


def test_texts_without_end_do_not_pile_up_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MOST", 5)
    for n in range(12):
        sql.together((f"SELECT {n} AS piled", {}), (f"SELECT {n} AS piled_too", {}))
    assert sql.row("SELECT count(*) <= 5 FROM pg_prepared_statements", {}) == (True,)


def test_a_text_with_nul_is_refused_before_it_is_sent() -> None:
    with pytest.raises(DataError):
        sql.rows("SELECT %(text)s::text", {"text": "a\x00b"})
    assert sql.row("SELECT 1", {}) == (1,)


def test_several_statements_answer_in_their_order_and_see_one_another() -> None:
    made, seen, none = sql.together(
        ("CREATE TEMP TABLE driven AS SELECT 7 AS n", {}), ("SELECT 1 WHERE %(n)s::int = 2", {"n": 2}), ("SELECT 1 WHERE false", {})
    )
    assert (made, seen, none) == ([], [(1,)], [])


def test_a_long_statement_and_a_long_answer_pass_together() -> None:
    long = "ü" * 3_000_000
    assert [rows[0][0] == long for rows in sql.together(*[("SELECT %(long)s::text", {"long": long})] * 4)] == [True] * 4


def test_after_an_error_the_rest_is_not_carried_out_and_the_transaction_can_be_left() -> None:
    with pytest.raises(DataError), transaction.atomic():
        sql.together(("SELECT 1", {}), ("SELECT 1 / %(n)s::int", {"n": 0}), ("SELECT pg_sleep(60)", {}))
    assert sql.row("SELECT 2", {}) == (2,)


@pytest.mark.django_db(transaction=True)
def test_begin_and_commit_share_the_trips_of_their_neighbours() -> None:
    with transaction.atomic():
        sql.rows("CREATE TABLE driven (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)", {})
        assert connection.connection.info.transaction_status.name == "INTRANS"
        sql.together(("INSERT INTO driven VALUES (1)", {}), ("INSERT INTO driven VALUES (2)", {}), commits=True)
        assert connection.connection.info.transaction_status.name == "IDLE"
    try:
        with transaction.atomic(), transaction.atomic():
            sql.rows("INSERT INTO driven VALUES (3)", {}, commits=True)
            assert connection.connection.info.transaction_status.name == "INTRANS"  # a transaction further out ends it
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.rows("INSERT INTO driven VALUES (3)", {}, commits=True)  # its COMMIT fails
        assert sql.rows("SELECT n FROM driven ORDER BY n", {}) == [(1,), (2,), (3,)]
    finally:
        sql.rows("DROP TABLE driven", {})


@pytest.mark.django_db(transaction=True)
def test_a_statement_whose_table_changed_is_prepared_anew() -> None:
    sql.rows("CREATE TABLE driven AS SELECT 1 AS n", {})
    try:
        assert sql.rows("SELECT * FROM driven", {}) == [(1,)]
        sql.rows("ALTER TABLE driven ADD COLUMN m int DEFAULT 2", {})
        assert sql.rows("SELECT * FROM driven", {}) == [(1, 2)]
        sql.rows("ALTER TABLE driven ADD COLUMN o int DEFAULT 3", {})
        with pytest.raises(NotSupportedError), transaction.atomic():
            sql.rows("SELECT 1", {})
            sql.rows("SELECT * FROM driven", {})  # too late to ask again here; but only here
        with transaction.atomic():
            sql.rows("SELECT 1", {})
            assert sql.rows("SELECT * FROM driven", {}) == [(1, 2, 3)]
    finally:
        sql.rows("DROP TABLE driven", {})


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_told_from_one_that_is_good() -> None:
    connection.ensure_connection()
    raw = connection.connection
    assert driver.alive(raw)
    with psycopg.connect(raw.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [raw.info.backend_pid])
    assert not driver.alive(raw)
    with pytest.raises(OperationalError), transaction.atomic():
        sql.together(("SELECT 1", {}), ("SELECT 2", {}))
    connection.close()
    assert sql.row("SELECT 3", {}) == (3,)

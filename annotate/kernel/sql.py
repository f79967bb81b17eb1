"""Hand-written statements for hot paths: prepared on the server once per connection, planned once, run many times.

Django's own cursor puts values into the text on the client, so Postgres parses and plans every call. Statements here bind
on the server; write `%(name)s::type` where the type cannot be inferred. jsonb comes back as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a prepared statement, in the current transaction; [] when it gives none."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=True)
        told = cursor.pgresult  # `description` would work out a type for every column
        return cursor.fetchall() if told is not None and told.nfields else []


def row(statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row, or None."""
    found = rows(statement, values)
    return found[0] if found else None

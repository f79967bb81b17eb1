"""Hand-written statements for hot paths: prepared on the server once per connection, planned once, run many times.

Django's own cursor puts values into the text on the client, so Postgres parses and plans every call. Statements here bind
on the server; write `%(name)s::type` where the type cannot be inferred. jsonb comes back as text. The round trips are what
costs: ask `together` what does not wait for an answer in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from annotate.kernel import driver


def together(*asked: tuple[str, Mapping[str, Any]], commits: bool = False) -> list[list[tuple[Any, ...]]]:
    """The rows of each of several statements, in one round trip, which the BEGIN of the transaction shares.

    With `commits` these are the last statements of the outermost transaction, and its COMMIT shares the trip too: nothing
    may be written after them. (Within a transaction further out, it waits for that.)
    """
    connection.ensure_connection()
    if commits:
        blocks: list[Any] = connection.atomic_blocks
        commits = len(blocks) == 1 and not blocks[0]._from_testcase and not connection.needs_rollback
    with connection.wrap_database_errors:
        return driver.run(connection.connection, asked, commits=commits)


def rows(statement: str, values: Mapping[str, Any], *, commits: bool = False) -> list[tuple[Any, ...]]:
    """All rows of a prepared statement, in the current transaction; [] when it gives none."""
    return together((statement, values), commits=commits)[0]


def row(statement: str, values: Mapping[str, Any], *, commits: bool = False) -> tuple[Any, ...] | None:
    """The first row, or None."""
    found = rows(statement, values, commits=commits)
    return found[0] if found else None

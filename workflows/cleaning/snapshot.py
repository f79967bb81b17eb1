"""One instant of the database for all that is read of it, with memory for the large joins of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

WORK_MEM = "128MB"


@contextmanager
def steady() -> Iterator[None]:
    """A transaction that sees one snapshot. Within another one (of a test) it is that one's, and sees what that does."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT set_config('work_mem', %s, true), set_config('statement_timeout', '600s', true)", [WORK_MEM])
        yield

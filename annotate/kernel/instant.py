"""One instant of the database for all that is read of it, by several connections at once, with memory for large joins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection, transaction

WORK_MEM = "128MB"
READERS = 2  # one backend of the database sends what it joins on one core
T = TypeVar("T")
# Two readers have both cores; a helper of one would wait for the other, and compiling a statement takes longer than it saves. How few pieces
# a division of ids makes is not known to the planner, which would sort a million long rows on disk to gather them.
_SETTINGS = """
SELECT set_config('work_mem', %s, true), set_config('statement_timeout', '600s', true), set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true), set_config('enable_sort', 'off', true)
"""
_LEVEL = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Instant:
    """What was committed when it began. Without a `name` only this connection sees it."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def together(self, reads: Sequence[Callable[[], T]], after: Sequence[Collection[int]] = ()) -> list[T]:
        """What each of these reads gives, in their order; some at the same time, each on a connection of its own. `after`: for each the places of
        earlier ones whose end it waits for."""
        if not self.name or len(reads) < 2:
            return [read() for read in reads]
        begun: list[Future[T]] = []
        with ThreadPoolExecutor(READERS) as pool:
            for read, earlier in zip(reads, after or [()] * len(reads), strict=True):
                begun.append(pool.submit(self._apart, read, [begun[place] for place in earlier]))
        return [one.result() for one in begun]

    def _apart(self, read: Callable[[], T], before: Sequence[Future[T]]) -> T:
        for one in before:  # it began earlier, so it goes on; its error is this one's
            one.result()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_LEVEL)
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [self.name])
                cursor.execute(_SETTINGS, [WORK_MEM])
                return read()
        finally:
            connection.close()


def exported() -> Instant:
    """What the present transaction sees, for other connections as long as it is open: REPEATABLE READ, within no other one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        return Instant(cursor.fetchone()[0])


@contextmanager
def steady() -> Iterator[Instant]:
    """A transaction that sees one snapshot. Within another one (of a test) it is that one's, and sees what that does."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute(_LEVEL)
        cursor.execute(_SETTINGS, [WORK_MEM])
        yield exported() if outermost else Instant()

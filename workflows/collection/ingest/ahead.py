"""Reading ahead: one thread makes the next parts while the caller hands the last one to the database.

Postgres is a process of its own, so the two use two cores, although Python runs one thread at a time.
"""

from __future__ import annotations

import contextvars
import queue
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
DEPTH = 2  # parts that wait at most: memory does not grow with the input
LOOK = 0.2  # seconds after which a full queue is looked at again, whether anybody still reads
SWITCH = 0.0001  # seconds that the reading may keep the other thread waiting once the database has answered


@contextmanager
def read_ahead(parts: Iterable[T]) -> Iterator[Iterator[T]]:
    """`parts`, made by a thread that must not use the database; what it raises is raised where the part is taken.

    The thread has ended when the block is left, whichever way.
    """
    waiting: queue.Queue[tuple[bool, Any]] = queue.Queue(DEPTH)
    left = threading.Event()

    def put(made: bool, what: Any) -> bool:
        while not left.is_set():
            try:
                waiting.put((made, what), timeout=LOOK)
                return True
            except queue.Full:
                continue
        return False

    def make() -> None:
        try:
            for part in parts:
                if not put(True, part):
                    return
            put(False, None)
        except BaseException as error:  # noqa: BLE001  the caller's to handle
            put(False, error)

    def taken() -> Iterator[T]:
        while True:
            made, what = waiting.get()
            if made:
                yield what
            elif what is None:
                return
            else:
                raise what

    thread = threading.Thread(target=contextvars.copy_context().run, args=(make,), name="read-ahead", daemon=True)
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    thread.start()
    try:
        yield taken()
    finally:
        left.set()
        thread.join()
        sys.setswitchinterval(before)

"""The clock as a process: turns it until it is told to end, or its parent is gone, and watches that background work moves."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time

from django.db import InterfaceError, OperationalError, connection

from annotate.jobs.clockwork import Clock
from annotate.jobs.watch import Watch

log = logging.getLogger("sluice.clock")
STOOD_STILL = 3


def tick(still: float | None) -> int:
    """What happens by time, until the end: 0, or `STOOD_STILL` when due work has not moved for `still` seconds (None: not watched)."""
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    parent = os.getppid()
    watch = None if still is None else Watch(still, every=min(10.0, still / 2))
    clock, looked = Clock(), 0.0

    def over() -> bool:
        return ended.is_set() or os.getppid() != parent

    while not over():
        pause = clock.turn(over)
        if watch is not None and time.monotonic() - looked > 1.0:
            looked = time.monotonic()
            if _stands_still(watch):
                log.error("background work is due and nothing moves; the job cluster should be started again")
                return STOOD_STILL
        ended.wait(min(max(pause, 0.01), 0.25))
    connection.close()
    return 0


def _stands_still(watch: Watch) -> bool:
    try:
        if watch.look():
            watch.forget()
            return True
    except (OperationalError, InterfaceError):
        connection.close()
        watch.since = time.monotonic()  # the database was away: nothing could move
    return False

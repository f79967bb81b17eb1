"""Running `kernel.registry.ticks`: each at its own pace, one at a time on the whole installation, whatever one of them throws."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from annotate.kernel import canonical
from annotate.kernel.registry import ticks

log = logging.getLogger("sluice.clock")


def guarded(name: str, run: Callable[[], object]) -> bool:
    """`run()` under an advisory lock of its name; False when another clock is running it just now."""
    key = int.from_bytes(canonical.digest(f"tick|{name}")[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        if not cursor.fetchone()[0]:
            return False
    try:
        run()
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
    return True


class Clock:
    """`turn()` runs what is due and says how many seconds there are until the next."""

    def __init__(self) -> None:
        now = time.monotonic()
        self.due: dict[str, float] = {name: now for name, _tick in ticks}

    def turn(self, stop: Callable[[], bool] = lambda: False) -> float:
        for name, (seconds, run) in ticks:
            if stop():
                return 0.0
            if self.due.setdefault(name, 0.0) > time.monotonic():
                continue
            self.due[name] = time.monotonic() + seconds
            try:
                guarded(name, run)
            except (OperationalError, InterfaceError) as error:
                log.warning("%s: the database does not answer (%s)", name, error)
                connection.close()
                self.due[name] = time.monotonic() + min(seconds, 1.0)
            except Exception:
                log.exception("%s failed", name)
                connection.close_if_unusable_or_obsolete()
        return max(0.0, min(self.due.values(), default=1.0) - time.monotonic())

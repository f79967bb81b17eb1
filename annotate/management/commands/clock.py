"""`clock`: what happens by time. Ends with status 3 when background work stands still, for the supervisor to act on."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, connection

from annotate.jobs.clockwork import Clock
from annotate.jobs.watch import STILL, Watch

log = logging.getLogger("sluice.clock")
STOOD_STILL = 3


class Command(BaseCommand):
    help = "Runs what happens by time: sealing, sweeping, refilling, pruning."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--still", type=float, default=STILL, help="seconds without any progress of due work until exit 3"
        )
        parser.add_argument("--no-watch", action="store_true", help="do not watch the job cluster")

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: ended.set())
        parent = os.getppid()
        watch = None if options["no_watch"] else Watch(options["still"], every=min(10.0, options["still"] / 2))
        clock, looked = Clock(), 0.0

        def over() -> bool:
            return ended.is_set() or os.getppid() != parent

        while not over():
            pause = clock.turn(over)
            if watch is not None and time.monotonic() - looked > 1.0:
                looked = time.monotonic()
                if _stands_still(watch):
                    log.error("background work is due and nothing moves; the job cluster should be started again")
                    sys.exit(STOOD_STILL)
            ended.wait(min(max(pause, 0.01), 0.25))
        connection.close()


def _stands_still(watch: Watch) -> bool:
    try:
        if watch.look():
            watch.forget()
            return True
    except (OperationalError, InterfaceError):
        connection.close()
        watch.since = time.monotonic()  # the database was away: nothing could move
    return False

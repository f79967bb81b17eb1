"""`clock`: what happens by time. Ends with status 3 when background work stands still, for whoever started it to act on."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from annotate.jobs.ticking import tick
from annotate.jobs.watch import STILL


class Command(BaseCommand):
    help = "Runs what happens by time: sealing, sweeping, refilling, pruning."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--still", type=float, default=STILL, help="seconds without any progress of due work until exit 3"
        )
        parser.add_argument("--no-watch", action="store_true", help="do not watch the job cluster")

    def handle(self, *args: Any, **options: Any) -> None:
        if status := tick(None if options["no_watch"] else options["still"]):
            sys.exit(status)

"""`jobs_cluster`: the processes that do background work."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Does background work until it is stopped; ends with the process that started it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-clock", action="store_true", help="do what happens by time as well; ends with status 3 when work stands still")

    def handle(self, *args: Any, **options: Any) -> None:
        from annotate.jobs.cluster import run
        from annotate.jobs.watch import STILL

        sys.exit(run(clock_still=STILL if options["with_clock"] else None))

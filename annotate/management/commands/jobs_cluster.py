"""`jobs_cluster`: the processes that do background work."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Does background work until it is stopped; ends with the process that started it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from annotate.jobs.cluster import run

        sys.exit(run())

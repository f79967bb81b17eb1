"""`manage.py verify_export PATH`: checks a pulled export, a folder or an archive, without database or server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.exporters.entries import Wrong
from workflows.exporters.sources import NotAnExport, Source
from workflows.exporters.verifying import verify
from workflows.server import env


class Command(BaseCommand):
    help = "Check a pulled export (folder, zip or tar): files, leaves and root hash. Exit code 1 names what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="the folder or archive")
        parser.add_argument("--root", default="", help="the root hash that it must have, as the version's page shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for said in verify(Source(env.typed_path(options["path"])), expected_root=options["root"]):
                self.stdout.write(said)
        except (Wrong, NotAnExport) as error:
            raise CommandError(f"Not verified. {error}", returncode=1) from None
        self.stdout.write("Verified.")

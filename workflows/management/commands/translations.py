"""`translations`: `--extract` reads the product's words into the .po, `--compile` makes what Django reads."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.server import translations


class Command(BaseCommand):
    help = "Reads the strings of code and templates into the catalogue (--extract), or compiles it (--compile)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--extract", action="store_true", help="rewrite workflows/locale/…/django.po from the code")
        parser.add_argument("--compile", action="store_true", help="make the .mo files")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["extract"] and not options["compile"]:
            raise CommandError("say --extract, --compile or both")
        if options["extract"]:
            every, missing = translations.extract_all()
            self.stdout.write(f"{every} strings, {missing} without a translation")
        if options["compile"]:
            self.stdout.write(f"{translations.compile_all()} compiled")

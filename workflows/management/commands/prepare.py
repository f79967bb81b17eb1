"""What `up` needs of Django before it serves: storage that takes bytes, migrations, translations, the first-run link or the demo.

Progress goes to stderr; stdout holds the lines that `up` shows once the server answers.
"""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from typing import Any

from django.core.management import BaseCommand, CommandParser, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from workflows.server import storage

MIGRATION_LOCK = 7_302_116  # any number, the same in every process


def migrate() -> bool:
    """Brings the database up to date, one process at a time; True when something was done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            executor = MigrationExecutor(connection)
            if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return False
            print("migrating the database …", file=sys.stderr, flush=True)
            call_command("migrate", verbosity=0, interactive=False)
            return True
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


class Command(BaseCommand):
    help = "Prepare the database for `up` (which calls this)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true")
        parser.add_argument("--url", default="http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        from annotate.people.models import Person
        from annotate.people.services import first_run_link

        storage.check()
        migrate()
        if find_spec("workflows.server.translations"):
            importlib.import_module("workflows.server.translations").compile_all()
        if options["demo"]:
            lines = importlib.import_module("workflows.demo.load").ensure(url=options["url"])
            self.stdout.write("\n".join(lines))
        elif not Person.objects.exists():
            self.stdout.write(f"first run: {options['url']}{first_run_link()}")
            self.stdout.write("Open this link once to make your organisation and its owner; a restart prints a new one.")

"""From the command line to the command: which interpreter, which database, then Django. Standard library until it is set up."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from workflows.server import setup

# Commands that touch no database, so that none is started for them.
WITHOUT_DATABASE = {"", "help", "--help", "-h", "--version", "verify_export", "translations", "makemigrations", "test", "bench", "conformance"}
SETTINGS = "workflows.server.settings"


def requirements(command: str) -> list[Path]:
    """The files of pins that a command needs."""
    tests = command in ("test", "bench", "conformance")
    bucket = tests or os.environ.get("SLUICE_STORAGE", "").strip().startswith("s3:")
    return [setup.RUN_REQUIREMENTS, *([setup.S3_REQUIREMENTS] if bucket else []), *([setup.TEST_REQUIREMENTS] if tests else [])]


def run(argv: Sequence[str]) -> int:
    """Runs `manage.py <command>`; returns the exit status. A missing piece is one line on stderr and status 2."""
    command = argv[1] if len(argv) > 1 else ""
    files = requirements(command)
    try:
        other = setup.ready_python(files)
        if other is not None:
            os.execv(other, [str(other), str(setup.ROOT / "manage.py"), *argv[1:]])  # does not return
        return _go(command, list(argv))
    except setup.SetupError as error:
        print(f"manage.py {command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _go(command: str, argv: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if command == "up":
        from workflows.server import supervisor

        return supervisor.main(argv[2:])
    if command == "test":
        from workflows.server import testing

        return testing.main(argv[2:])
    if command == "bench":
        from tests.bench import command as bench

        return bench.main(argv[2:])
    if command == "conformance":
        from workflows.server import conformance

        return conformance.main(argv[2:])
    if command not in WITHOUT_DATABASE:
        _ensure_database()
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(argv)
    except OperationalError as error:
        where = "DATABASE_URL" if os.environ.get("DATABASE_URL") else "the embedded Postgres"
        words = " ".join(str(error).split())
        raise setup.SetupError(f"the database does not answer ({words}): check {where}") from error
    return 0


def _ensure_database() -> None:
    """The embedded Postgres for the time of one command, when `up` is not running and no server is named."""
    from workflows.server import env
    from workflows.server.postgres import PostgresError, Server

    if env.text("DATABASE_URL"):
        return
    try:
        server = Server(env.data_folder())
        if server.start():
            atexit.register(server.stop)
    except (PostgresError, OSError) as error:
        raise setup.SetupError(str(error)) from error

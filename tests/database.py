"""Pytest plug-in: a Postgres for this run, started before Django reads its settings, thrown away afterwards.

`SLUICE_TEST_DATABASE_URL` names a server to use instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from workflows.server.postgres import Server


def _begin() -> None:
    given = os.environ.get("SLUICE_TEST_DATABASE_URL")
    folder = Path(tempfile.mkdtemp(prefix="sluice-test-"))
    os.chmod(folder, 0o755)
    os.environ["SLUICE_DATA"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if given:
        os.environ["DATABASE_URL"] = given
        return
    server = Server(folder, durable=False)
    server.start()
    atexit.register(server.stop)
    atexit.register(shutil.rmtree, server.socket, ignore_errors=True)
    os.environ["DATABASE_URL"] = server.dsn


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser driver's loop runs in the same thread
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
_begin()

"""Pytest plug-in: a Postgres for this run, started before Django reads its settings, thrown away afterwards.

It begins with a copy of a migrated cluster, whose database is the template of the test database.
`SLUICE_TEST_DATABASE_URL` names a server to use instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.cluster import begin_migrated
from workflows.server.postgres import Server

TEMPLATE = "sluice"  # the database that a server of ours begins with


def _begin() -> None:
    given = os.environ.get("SLUICE_TEST_DATABASE_URL")
    folder = Path(tempfile.mkdtemp(prefix="sluice-test-"))
    os.chmod(folder, 0o755)
    os.environ["SLUICE_DATA"] = str(folder)
    os.environ.pop("SLUICE_STORAGE", None)  # never an operator's own bucket
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if given:
        os.environ["DATABASE_URL"] = given
        return
    begin_migrated(folder)
    server = Server(folder, durable=False)
    server.start()
    atexit.register(server.stop)
    atexit.register(shutil.rmtree, server.socket, ignore_errors=True)
    os.environ["DATABASE_URL"] = server.dsn


def use_template() -> None:
    """Once Django knows its databases: the test database is made from the migrated one, when the server is ours."""
    if "SLUICE_TEST_DATABASE_URL" not in os.environ:
        from django.db import connections

        connections["default"].settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser driver's loop runs in the same thread
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
_begin()

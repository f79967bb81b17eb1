"""A Postgres of one's own that a test may kill: tables as the test database has them, and Django's connection turned to it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.cluster import begin_migrated
from workflows.server.postgres import Server


@contextlib.contextmanager
def own_server(folders: Any, connection: Any) -> Iterator[Server]:
    folder = Path(folders.mktemp("postgres"))
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.geteuid() and str(above).count("/") > 1:
            os.chmod(above, 0o755)  # as root, Postgres runs as another user
    begin_migrated(folder)
    server = Server(folder)
    server.start()
    kept = connection.settings_dict
    connection.close()
    connection.settings_dict = {**kept, "HOST": str(server.socket), "NAME": "sluice", "USER": "postgres"}
    try:
        yield server
    finally:
        connection.close()
        connection.settings_dict = kept
        server.stop()
        shutil.rmtree(server.socket, ignore_errors=True)

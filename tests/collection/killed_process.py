"""One import job in a process that dies by its own kill -9: `python -m tests.collection.killed_process JOB WHERE N`.

WHERE is `within` (the N-th chunk's rows are written, not committed) or `between` (it is committed this moment).
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from typing import Any

import django
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs.services import Work, execute  # noqa: E402
from workflows.collection.ingest import files, labels, manifests  # noqa: E402

manifests.CHUNK_LINES = files.CHUNK = labels.CHUNK = 4


def die_at(where: str, n: int) -> None:
    saved, seen = Work.save_report, 0

    def save_report(self: Any) -> None:
        nonlocal seen
        seen += 1
        saved(self)
        if seen == n:
            die = partial(os.kill, os.getpid(), signal.SIGKILL)
            die() if where == "within" else transaction.on_commit(die)

    Work.save_report = save_report  # type: ignore[method-assign]


if __name__ == "__main__":
    die_at(sys.argv[2], int(sys.argv[3]))
    execute(int(sys.argv[1]))

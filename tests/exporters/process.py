"""One job in a process of its own, slow after every stored file, to be killed: `python -m tests.exporters.process <job id>`."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs.services import execute  # noqa: E402
from annotate.media import store  # noqa: E402

_put = store.put


def slowly(path: str, file: Any) -> None:
    _put(path, file)
    time.sleep(1.5)


if __name__ == "__main__":
    store.put = slowly
    print(execute(int(sys.argv[1])))

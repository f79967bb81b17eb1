"""One job in a process of its own, slow at every shard, to be killed: `python -m tests.releases.process <job id>`."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs.services import execute  # noqa: E402
from workflows.releases import shards  # noqa: E402

_make = shards.make


def slowly(*given: Any, **named: Any) -> Any:
    made = _make(*given, **named)
    time.sleep(1.5)
    return made


if __name__ == "__main__":
    shards.make = slowly
    print(execute(int(sys.argv[1])))

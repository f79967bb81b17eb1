"""Measuring gold in a process of its own that is killed in the midst of it: `python -m tests.quality.process <scores that it lives to store>`.

It dies by SIGKILL after a further answer was scored and whoever asked was told, before that is committed.
"""

from __future__ import annotations

import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.gold.scored import scored  # noqa: E402
from workflows.quality.gold import measure_some  # noqa: E402

if __name__ == "__main__":
    left = int(sys.argv[1])

    def die(*_about: object) -> None:
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    scored.add("zz the last of all", die)
    measure_some()

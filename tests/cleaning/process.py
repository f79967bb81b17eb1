"""Cleaning in a process of its own that dies by its own kill -9: `python -m tests.cleaning.process WHAT ID N`.

WHAT is `measure` (the job ID; dies with the N-th picture measured) or `act` (the run ID, two findings at a time; dies in its N-th step
before that is committed).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs.services import execute  # noqa: E402
from workflows.cleaning import applying, looking, measuring  # noqa: E402

STEP = 2


def dying(work: Callable[..., Any], after: int) -> Callable[..., Any]:
    """The same work, in whose so-manieth call the process ends once it is done."""
    left = after

    def done(*given: Any) -> Any:
        nonlocal left
        made = work(*given)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    return done


if __name__ == "__main__":
    what, pk, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if what == "measure":
        measuring.PICTURES = STEP
        looking._see = dying(looking._see, n)
        execute(pk)
    else:
        applying.CHUNK = STEP
        applying._forward, applying._back = dying(applying._forward, n), dying(applying._back, n)
        applying.carry_out(pk)

"""Measuring of predictions in processes of its own that die by their own kill -9: `python -m tests.evaluations.process JOB:MOMENT …`.

Each job has a process, a fork of this one, which is there sooner than a new one. How they ended is printed: {moment: signal or code}.
MOMENT: `gathered` (the file is read, nothing is measured), `chunk` (some items are measured), `measured` (all are, nothing is written),
`writing` (the report stands in its transaction, not its suspects), `written` (all of it, before it is committed), `committed` (nobody was
told), `ended` (the bytes are gone, the job is not yet done).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs.services import execute  # noqa: E402
from workflows.evaluations import gathering, measuring, predicting  # noqa: E402
from workflows.evaluations.measure import Measure  # noqa: E402
from workflows.evaluations.models import Suspect  # noqa: E402


def die(*_given: Any, **_named: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(work: Callable[..., Any], after: int = 1) -> Callable[..., Any]:
    """The same work, in whose so-manieth call the process ends once it is done."""
    left = after

    def done(*given: Any, **named: Any) -> Any:
        nonlocal left
        made = work(*given, **named)
        left -= 1
        return made if left else die()

    return done


MOMENTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "gathered": (gathering.Predictions, "twice", die),
    "chunk": (Measure, "take", dying(Measure.take, 2)),
    "measured": (measuring, "measured", dying(measuring.measured)),
    "writing": (Suspect.objects, "bulk_create", die),
    "written": (predicting, "record", dying(predicting.record)),
    "committed": (predicting, "end", die),
    "ended": (predicting, "end", dying(predicting.end)),
}


def ended(job: int, moment: str) -> int:
    """How the job's process ended: below 0 a signal, as `subprocess` has it."""
    pid = os.fork()
    if not pid:
        place, name, work = MOMENTS[moment]
        setattr(place, name, work)
        execute(job)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    measuring.CHUNK = 8
    print(json.dumps({moment: ended(int(job), moment) for job, _colon, moment in (word.partition(":") for word in sys.argv[1:])}))

"""A job of the line in a process of its own that dies by its own kill -9: `python -m tests.automation.process JOB KIND WHEN`.

WHEN is `within` (when the step of this KIND has acted, and nothing of it is committed) or `after` (when it is, and the job goes on).
"""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs.services import execute  # noqa: E402
from workflows.automation import advancing, jobs  # noqa: E402
from workflows.automation.models import Step  # noqa: E402
from workflows.automation.steps.kinds import STEPS  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    job, kind, when = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    real, advance = STEPS[kind], advancing.advance

    def acted(*given: Any) -> Any:
        real.act(*given)
        die()

    def advanced(passage: int) -> bool:
        moved = advance(passage)
        if moved and Step.objects.filter(passage=passage, kind=kind, started_at__isnull=False).exists():
            die()
        return moved

    if when == "within":
        STEPS[kind] = dataclasses.replace(real, act=acted)
    else:
        jobs.advance = advanced
    execute(job)

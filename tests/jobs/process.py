"""A job cluster, a clock or a cluster with a clock as a process of its own, with short times: `python -m tests.jobs.process cluster|clock|both`."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workflows.server.settings")
django.setup()

from annotate.jobs import running, sweeping, work  # noqa: E402
from annotate.jobs.services import Work, handler  # noqa: E402
from annotate.kernel.registry import ticks  # noqa: E402

# Whoever is killed before the first beat has the lease that the job began with.
work.LEASE = running.LEASE = dt.timedelta(seconds=2)
work.BEAT_SECONDS = 0.5
work.WRITE_SECONDS = 0.05
sweeping.LOST_AFTER = dt.timedelta(seconds=1)
for name in ("requeue expired jobs", "resend lost jobs"):
    ticks._entries[name] = (0.3, ticks.get(name)[1])


@handler("test.steps")
def steps(held: Work) -> dict[str, Any]:
    """`n` steps of `seconds` each; every attempt leaves its process id in the report."""
    with open(held.arguments["log"], "a") as log:
        log.write(f"{held.job_id} {os.getpid()}\n")
    for step in range(held.arguments["n"]):
        held.progress(step, held.arguments["n"])
        time.sleep(held.arguments["seconds"])
    return {"steps": held.arguments["n"]}


if __name__ == "__main__":
    from django.core.management import call_command

    if sys.argv[1] == "cluster":
        call_command("jobs_cluster")
    elif sys.argv[1] == "both":
        from annotate.jobs.cluster import run

        sys.exit(run(clock_still=3.0))
    else:
        call_command("clock", still=3.0)

"""Filling queues without being asked: when an import ends, and by the clock. Acts on many tasks that take their time."""

from __future__ import annotations

import time
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy

from annotate.activity.models import Activity
from annotate.jobs.services import Work, handler, links
from annotate.jobs.words import KINDS
from annotate.kernel.registry import ticks
from annotate.queues.agreeing import measure_some
from annotate.queues.bulk import JOB
from annotate.queues.bulk_running import counts, run
from annotate.queues.fill import fill
from annotate.queues.models import Queue

SECONDS = 30.0
_EVERY = 10  # a run in so many looks at every project, whatever its record of activity says
_seen: dict[int, int] = {}
_runs = 0
_SHARE = 50  # weighing a queue anew takes at most so small a part of the time
_weighed: dict[int, tuple[float, float]] = {}  # queue → when it was weighed last, and how long that took


def refill(project_id: int) -> int:
    """Fill the project's open queues; how many tasks came."""
    queues = Queue.objects.filter(project_id=project_id, state="open").order_by("pk")
    return sum(_fill(pk) for pk in queues.values_list("pk", flat=True))


def _fill(queue_id: int) -> int:
    """The longer it takes to weigh what waits, the seldomer it is done while nothing comes."""
    began = time.monotonic()
    last, took = _weighed.get(queue_id, (0.0, 0.0))
    anew = began - last >= took * _SHARE
    added = fill(queue_id, anew=anew)
    if anew or added:
        _weighed[queue_id] = (began, time.monotonic() - began)
    return added


def refill_changed() -> int:
    """Fill the open queues of projects where something happened since the last run of this process."""
    global _runs
    _runs += 1
    made = 0
    for project_id in Queue.objects.filter(state="open", project__archived_at=None).values_list("project_id", flat=True).distinct():
        newest = Activity.objects.filter(project_id=project_id).aggregate(newest=Max("id"))["newest"] or 0
        if _runs % _EVERY == 0 or _seen.get(project_id) != newest:
            made += refill(project_id)
            _seen[project_id] = newest
    return made


@handler(JOB, resumes=True)
def carry_out(work: Work) -> dict[str, Any]:
    """An act on many tasks, or its undo, from where it is."""
    bulk_id = work.arguments["bulk"]
    run(bulk_id, lambda done: work.progress(done, work.arguments["tasks"]))
    return {"bulk": bulk_id, **counts(bulk_id)}


def _link(job: Any) -> dict[str, str]:
    return {"bulk": f"/api/v1/bulk/{job.arguments['bulk']}"}


links.add(JOB, _link)
KINDS[JOB] = gettext_lazy("Change of many tasks")
ticks.add("fill queues", (SECONDS, refill_changed))
ticks.add("measure agreement", (SECONDS / 3, measure_some))

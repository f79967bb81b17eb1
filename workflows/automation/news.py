"""The news that sends batches on their way, and the look at what could move: a tick, which asks for at most one job per project.

Sealings are read from the activity by a cursor, each once, in one transaction with the passage that follows from it. All else that a
step waits for is a fact of the database, so nothing is lost with a job that died or a message that never came.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from django.db import transaction

from annotate.activity.cursors import read_news, skip_to_now
from annotate.activity.models import Activity
from annotate.items.models import Batch
from annotate.jobs.services import enqueue
from annotate.kernel.errors import SluiceError
from annotate.kernel.registry import ticks
from annotate.projects.models import Project
from workflows.automation.advancing import newest_activity, next_move, way_of
from workflows.automation.flows import of_project
from workflows.automation.models import Passage, Switch
from workflows.automation.passages import begin, end

log = logging.getLogger("sluice.automation")
NAME = "automation"
JOB = "automation.go"
SECONDS = 2.0
READ, READS = 1000, 20
_EVERY = 15  # a look in so many is at every project, whether its activity has news or not
_SHARE = 20  # looking at a project takes at most so small a part of the time
_seen: dict[int, int] = {}
_looked: dict[int, tuple[float, float]] = {}
_looks = 0


def follow() -> int:
    """Read what was sealed and opened again; how many rows there were."""
    if not Switch.objects.filter(on=True).exists() and not Passage.objects.filter(ended_at=None).exists():
        skip_to_now(NAME)
        return 0
    done = 0
    for _each in range(READS):
        with transaction.atomic():
            rows = read_news(NAME, READ)
            for row in rows:
                if row.noun == "batch" and row.verb in ("batch.seal", "batch.reopen"):
                    _heard(row)
        done += len(rows)
        if len(rows) < READ:
            break
    return done


def _heard(row: Activity) -> None:
    batch = Batch.objects.select_related("project").filter(pk=row.noun_id or 0).first()
    if batch is None:
        return
    if row.verb == "batch.reopen":
        for passage in Passage.objects.select_for_update(of=("self",)).select_related("batch__project").filter(batch=batch, ended_at=None):
            end(passage, "reopened")
        return
    flow = of_project(batch.project_id)
    # What was sealed before anything was switched on stays as it is.
    if flow is not None and Switch.objects.filter(project=batch.project_id, on=True, activity__lt=row.pk).exists():
        begin(batch, flow, cause=row.pk, at=row.at)


def look() -> int:
    """Read the news, then ask for a job wherever a batch could go on; how many were asked for."""
    global _looks
    _looks += 1
    follow()
    projects = Project.objects.filter(archived_at=None, pk__in=Passage.objects.filter(ended_at=None).values("batch__project"))
    asked = 0
    for project in projects.order_by("pk"):
        if _worth_a_look(project.pk) and _could_move(project):
            ask(project)
            asked += 1
    return asked


def ask(project: Project) -> None:
    enqueue(JOB, organisation_id=project.organisation_id, project_id=project.pk, by=None, arguments={"project": project.pk}, key=f"{JOB} {project.pk}")


def _worth_a_look(project_id: int) -> bool:
    """Something happened since the last look, which was not just now where looking takes long; or it is time for one anyway."""
    last, took = _looked.get(project_id, (0.0, 0.0))
    if time.monotonic() - last < took * _SHARE:
        return False
    newest = newest_activity(project_id)
    if _seen.get(project_id) == newest and _looks % _EVERY:
        return False
    _seen[project_id] = newest
    return True


def _could_move(project: Project) -> bool:
    began = time.monotonic()
    try:
        return any(next_move(way_of(passage)) is not None for passage in live(project.pk))
    except SluiceError:  # one project's trouble is not that of the others
        log.exception("project %s: its batches could not be looked at", project.pk)
        return False
    finally:
        _looked[project.pk] = (time.monotonic(), time.monotonic() - began)


def live(project_id: int) -> Iterable[Passage]:
    """The batches on their way, those that set out first before the others."""
    rows = Passage.objects.filter(ended_at=None, batch__project=project_id, batch__state="sealed")
    return rows.select_related("batch__project", "flow").order_by("pk")


ticks.add("follow flows", (SECONDS, look))

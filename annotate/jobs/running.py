"""Running one job: claim it, do it, write how it ended. Delivered at least once; a claim lets only one worker count."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from annotate.activity.because import NAME, because
from annotate.jobs import broker, work
from annotate.jobs.handlers import handlers, resuming
from annotate.jobs.models import Job, JobReportLine
from annotate.jobs.states import JOB
from annotate.jobs.work import LEASE, Cancelled, Interrupted, Superseded, Work, ahead
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.errors import SluiceError

log = logging.getLogger("sluice.jobs")
TRIES = 3  # attempts that may end in an unexpected error
INTERRUPTIONS = 6  # attempts in all, when workers die of it
DATABASE_PATIENCE = 30.0
_DATABASE_AWAY = (OperationalError, InterfaceError)


def execute(job_id: int) -> str:
    """Run one job in this process; the state it ended in, or "" when it was not to be run (finished, taken, cancelled)."""
    job = claim(job_id) if not (work.stopping is not None and work.stopping.is_set()) else None
    if job is None:
        return ""
    held = Work(job)
    try:
        with held:
            return _run(held, job)
    except Superseded:
        log.warning("job %s (%s): another worker has it now", job.pk, job.kind)
        return ""


def claim(job_id: int) -> Job | None:
    """Queued → running by compare-and-set, with a fresh fence; None when it is not queued."""
    with transaction.atomic():
        claimed = Job.objects.filter(pk=job_id, state__in=JOB.origins("start")).update(
            state=JOB.after("queued", "start"),
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            started_at=DatabaseNow(),
            lease_until=ahead(LEASE),
        )
        if not claimed:
            return None
        job = Job.objects.select_related("created_by").get(pk=job_id)
        if job.kind not in resuming:  # an earlier attempt's lines: this one writes its own
            JobReportLine.objects.filter(job_id=job_id).delete()
        return job


def _run(held: Work, job: Job) -> str:
    try:
        with because(job.arguments.get(NAME)):
            result = handlers.get(job.kind)(held)
        return _end(held, "finish", result=result if result is not None else {}, error="")
    except Superseded:
        raise
    except Cancelled:
        return _end(held, "cancel")
    except Interrupted:
        return _again(held, job, delay=0, counts=False)
    except SystemExit:  # the broker's time limit
        log.exception("job %s (%s) took too long", job.pk, job.kind)
        return _end(held, "fail", error=_("This took longer than background work may."))
    except SluiceError as error:
        return _end(held, "fail", error=error.detail)
    except Exception as error:  # noqa: BLE001  whatever a handler throws must not stop the worker
        return _unexpected(held, job, error)


def _unexpected(held: Work, job: Job, error: Exception) -> str:
    log.exception("job %s (%s), attempt %s of %s", job.pk, job.kind, job.attempts, TRIES)
    if job.attempts < TRIES:
        return _again(held, job, delay=2.0 * job.attempts)
    from annotate.kernel.http import translate  # the API's framework, which a worker that does not fail goes without

    known = translate(error)
    words = (
        known.detail
        if known is not None
        else _("Something failed here; it was tried %(n)d times.") % {"n": job.attempts}
    )
    return _end(held, "fail", error=words)


def _again(held: Work, job: Job, *, delay: float, counts: bool = True) -> str:
    """Running → queued, and a new message."""

    def write() -> bool:
        with transaction.atomic():
            if job.kind in resuming:
                held.drop_report()
            attempts = {} if counts else {"attempts": F("attempts") - 1}
            if not held.finish(JOB.after("running", "requeue"), due_at=DatabaseNow(), **attempts):
                return False
            broker.send(job.pk, delay)
            return True

    return "queued" if _until_written(write) else ""


def _end(held: Work, move: str, **values: object) -> str:
    state = JOB.after("running", move)
    if not _until_written(lambda: held.finish(state, ended_at=DatabaseNow(), **values)):
        raise Superseded
    return state


def _until_written(write: Callable[[], bool]) -> bool:
    """`write()`, again while the database is away: the work is done and only its end is to be written."""
    end = time.monotonic() + DATABASE_PATIENCE
    while True:
        try:
            return write()
        except _DATABASE_AWAY:
            if connection.in_atomic_block or time.monotonic() > end:
                raise
            connection.close()
            time.sleep(0.3)

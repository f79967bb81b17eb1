"""One running job, seen from inside its handler: progress, report lines, cancellation, and the lease that keeps it ours.

Every write carries the fence that the claim gave out, so that a worker whose lease ran out and was replaced writes nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from typing import Any, NoReturn

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, Value

from annotate.jobs.models import Job, JobReportLine
from annotate.kernel.clock import DatabaseNow
from annotate.people.actor import Actor

log = logging.getLogger("sluice.jobs")
LEASE = dt.timedelta(seconds=60)
BEAT_SECONDS = 15.0
WRITE_SECONDS = 0.5  # progress is written at most this often
FLUSH_LINES = 500

# Set by the job cluster when it is asked to end: running jobs go back to the queue at their next progress.
stopping: Any = None


class Cancelled(Exception):
    """Somebody asked for this job to end."""


class Superseded(Exception):
    """Another worker has this job now; nothing of this one counts any more."""


class Interrupted(Exception):
    """The server is going down; the job goes back to the queue."""


def ahead(span: dt.timedelta) -> ExpressionWrapper[Any]:
    """An instant `span` from now, by the database's clock."""
    return ExpressionWrapper(DatabaseNow() + Value(span), output_field=DateTimeField())


class Work:
    """What a handler gets. Call `progress` between chunks, outside of long transactions."""

    def __init__(self, job: Job) -> None:
        self.job_id: int = job.pk
        self.kind: str = job.kind
        self.organisation_id: int = job.organisation_id
        self.project_id: int | None = job.project_id
        self.arguments: dict[str, Any] = job.arguments
        self.attempt: int = job.attempts
        self.by: Actor | None = Actor.of(job.created_by) if job.created_by is not None else None
        self._fence = job.fence
        self._depth = len(connection.atomic_blocks)
        self._numbers: dict[str, int | None] = {}
        self._lines: list[JobReportLine] = []
        self._written = 0.0
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._beat = threading.Thread(target=self._keep_lease, name=f"lease-{self.job_id}", daemon=True)

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is. Raises `Cancelled`, `Superseded` or `Interrupted`: let them pass."""
        self._numbers["done"] = done
        if total is not None:
            self._numbers["total"] = total
        if self._lost.is_set():
            raise Superseded
        if stopping is not None and stopping.is_set():
            self._flush()
            raise Interrupted
        if time.monotonic() - self._written < WRITE_SECONDS:
            return
        self._written = time.monotonic()
        if self._inside_transaction():  # the lease thread writes the numbers: a row locked here would block a cancel
            state = Job.objects.filter(pk=self.job_id, fence=self._fence, state="running")
            self._obey(state.values_list("cancel_requested", flat=True).first())
        else:
            self._flush()

    def report(self, place: str, code: str, detail: str, data: Any = None) -> None:
        """One line for who reads the result: where, a stable code, words, details."""
        self._lines.append(JobReportLine(job_id=self.job_id, place=place, code=code[:60], detail=detail, data=data))
        if len(self._lines) >= FLUSH_LINES and not self._inside_transaction():
            self._flush()

    def save_report(self) -> None:
        """Write the lines so far with the caller's transaction: for handlers that keep their own place, chunk by chunk.

        Raises `Superseded` when the job is not ours any more, so that the chunk of a worker that was replaced is undone.
        """
        ours = Job.objects.select_for_update(no_key=True).filter(pk=self.job_id, fence=self._fence, state="running")
        if ours.values_list("pk", flat=True).first() is None:
            self._superseded()
        self._write_lines()

    def drop_report(self) -> None:
        """Forget the lines that were not saved: the chunk that they belong to is done again."""
        self._lines = []

    def finish(self, state: str, **values: Any) -> bool:
        """The job's last write, with the numbers and lines that were kept back; False when it is not ours any more."""
        with transaction.atomic():
            written = self._update(state=state, lease_until=None, **values)
            if written:
                self._write_lines()
        return bool(written)

    def __enter__(self) -> Work:
        self._beat.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _inside_transaction(self) -> bool:
        return len(connection.atomic_blocks) > self._depth

    def _update(self, **values: Any) -> int:
        return Job.objects.filter(pk=self.job_id, fence=self._fence, state="running").update(**self._numbers, **values)

    def _write_lines(self) -> None:
        lines, self._lines = self._lines, []
        JobReportLine.objects.bulk_create(lines, batch_size=1000)

    def _flush(self) -> None:
        with transaction.atomic():
            if not self._update(lease_until=ahead(LEASE)):
                self._superseded()
            self._write_lines()
            self._obey(Job.objects.values_list("cancel_requested", flat=True).get(pk=self.job_id))

    def _obey(self, cancel: bool | None) -> None:
        if cancel is None:
            self._superseded()
        if cancel:
            raise Cancelled

    def _superseded(self) -> NoReturn:
        self._lost.set()
        raise Superseded

    def _keep_lease(self) -> None:
        """Runs in a thread with a connection of its own, so that a long step without progress keeps the job."""
        try:
            while not self._ended.wait(BEAT_SECONDS):
                try:
                    if not self._update(lease_until=ahead(LEASE)) and self._taken_away():
                        self._lost.set()
                        return
                except (OperationalError, InterfaceError) as error:
                    log.warning("job %s: its lease was not extended (%s)", self.job_id, type(error).__name__)
                    connection.close()
        finally:
            connection.close()

    def _taken_away(self) -> bool:
        return Job.objects.filter(pk=self.job_id).exclude(fence=self._fence, state="running").exists()

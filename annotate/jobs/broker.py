"""The message that wakes a worker: it carries only a job's id. The Job row is the truth, so a lost message costs seconds.

django-q2's ORM broker, made to serve in order, to allow a later due time, and to outlive a restart of Postgres.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

log = logging.getLogger("sluice.jobs")
EXECUTE = "annotate.jobs.services.execute"
BEAT = "annotate.jobs.watch.beat"
PAUSE = 0.5  # seconds between tries while Postgres is away


class Broker(ORM):
    """`delay` puts off when a message is due; `sent` is the last message's id."""

    def __init__(self, list_key: str | None = None, delay: float = 0) -> None:
        super().__init__(list_key=list_key)
        self.delay = delay
        self.sent: int | None = None

    def __getstate__(self) -> Any:
        return self.list_key, self._info

    def __setstate__(self, state: Any) -> None:
        super().__setstate__(state)
        self.delay, self.sent = 0, None

    def enqueue(self, task: str) -> int:
        due = timezone.now() + dt.timedelta(seconds=self.delay)
        row = OrmQ.objects.using(Conf.ORM).create(key=self.list_key or Conf.CLUSTER_NAME, payload=task, lock=due)
        self.sent = int(row.pk)
        return self.sent

    def dequeue(self) -> list[tuple[int, str]] | None:
        try:
            now = timezone.now()
            rows = self.get_connection().filter(key=self.list_key, lock__lt=now).order_by("lock", "id")[: Conf.BULK]
            taken = [
                (row.pk, row.payload)
                for row in rows
                if OrmQ.objects.using(Conf.ORM).filter(pk=row.pk, lock=row.lock).update(lock=self.timeout(row))
            ]
        except (OperationalError, InterfaceError) as error:
            log.warning("no messages for now: the database does not answer (%s)", type(error).__name__)
            connections[Conf.ORM].close()
            time.sleep(PAUSE)
            return None
        if not taken:
            time.sleep(Conf.POLL)
        return taken or None

    def delete(self, task_id: int) -> None:
        _patiently(lambda: self.get_connection().filter(pk=task_id).delete())


def _patiently(write: Callable[[], object], seconds: float = 20) -> None:
    """`write()`, again while the database is away; given up quietly after that: a message delivered twice does nothing."""
    end = time.monotonic() + seconds
    while True:
        try:
            write()
            return
        except (OperationalError, InterfaceError):
            connections[Conf.ORM].close()
            if time.monotonic() > end:
                log.warning("a message could not be taken off the queue")
                return
            time.sleep(PAUSE)


def send(job_id: int, delay: float = 0) -> int | None:
    """Put the job's message on the queue, in the caller's transaction; its id."""
    broker = Broker(delay=delay)
    async_task(EXECUTE, job_id, task_name=f"job-{job_id}", broker=broker)
    return broker.sent


def send_beat() -> int | None:
    """A message that does nothing: that it goes away shows that workers work."""
    broker = Broker()
    async_task(BEAT, task_name="beat", broker=broker)
    return broker.sent


def retry_seconds() -> int:
    """How long a message that a worker took stays out of sight."""
    return int(settings.Q_CLUSTER["retry"])

"""Seeing that background work stands still, so that the supervisor can start the job cluster afresh.

Killing an idle worker of django-q2 can leave the others waiting for ever on the lock that it held, while the cluster looks
alive. What shows it: work is due, workers should be free, and nothing has begun for a while.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.db import connection
from django_q.models import OrmQ

from annotate.jobs import broker

STILL = 20.0  # seconds
BEAT_EVERY = 10.0
AGAIN = 2.0

_LOOK = """
SELECT
    extract(epoch FROM clock_timestamp() - (SELECT min(due_at) FROM annotate_job WHERE state = 'queued'))::float8,
    extract(epoch FROM clock_timestamp() - (SELECT max(started_at) FROM annotate_job))::float8,
    (SELECT count(*) FROM annotate_job WHERE state = 'running' AND lease_until > clock_timestamp()),
    extract(epoch FROM clock_timestamp() - (SELECT min(lock) FROM django_q_ormq WHERE lock < clock_timestamp()))::float8
"""


def _look() -> tuple[float | None, float | None, int, float | None]:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK)
        queued, started, running, message = cursor.fetchone()
    return queued, started, running, message


def oldest_due_age() -> float | None:
    """Seconds that the oldest message or queued job has been waiting while a worker should be free; None when none is."""
    queued, started, running, message = _look()
    if running >= int(settings.Q_CLUSTER["workers"]):
        return None
    waits = [age for age in (queued, message) if age is not None and age > 0]
    if not waits:
        return None
    return max(waits) if started is None else min(max(waits), started)


def beat() -> None:
    """What a heartbeat message does: nothing. That it is taken off the queue is the sign of life."""


class Watch:
    """Kept by the clock: sends a heartbeat message now and then, and tells when the cluster has stood still too long."""

    def __init__(self, still: float = STILL, every: float = BEAT_EVERY) -> None:
        self.still, self.every = still, every
        self.since = time.monotonic()
        self._sent: int | None = None
        self._sent_at = 0.0
        self._suspected: float | None = None

    def look(self) -> bool:
        """True when nothing has moved for `still` seconds. To be called every second or so."""
        now = time.monotonic()
        if self._sent is not None and not OrmQ.objects.filter(pk=self._sent).exists():
            self._sent = None
        if self._sent is None and now - self._sent_at >= self.every:
            self._sent, self._sent_at = broker.send_beat(), now
        if now - self.since < self.still:
            return False
        silent = now - self._sent_at if self._sent is not None else 0.0
        _queued, started, running, _message = _look()
        busy = running >= int(settings.Q_CLUSTER["workers"]) or (started is not None and started < self.still)
        if busy or max(silent, oldest_due_age() or 0.0) <= self.still:
            self._suspected = None
        elif self._suspected is None:  # a worker may just have come free: look again
            self._suspected = now
        return self._suspected is not None and now - self._suspected >= AGAIN

    def forget(self) -> None:
        """Take back the heartbeat that is under way, if there is one."""
        if self._sent is not None:
            OrmQ.objects.filter(pk=self._sent).delete()
            self._sent = None

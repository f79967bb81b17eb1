"""What the clock mends: jobs whose worker died, jobs whose message was lost, and rows that nobody needs any more."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.models import OrmQ, Task

from annotate.jobs import broker
from annotate.jobs.models import Job
from annotate.jobs.running import INTERRUPTIONS
from annotate.jobs.states import JOB
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.registry import ticks

log = logging.getLogger("sluice.jobs")
LOST_AFTER = dt.timedelta(seconds=10)  # a queued job without a message is queued again after this long
SOON = dt.timedelta(minutes=5)  # a message due within this is waiting; one due later was taken by a worker
READ_AT_MOST = 5000
KEEP_JOBS, KEEP_FAILURES = dt.timedelta(days=180), dt.timedelta(days=7)


def ago(span: dt.timedelta) -> ExpressionWrapper[Any]:
    """An instant `span` back, by the database's clock."""
    return ExpressionWrapper(DatabaseNow() - Value(span), output_field=DateTimeField())


def requeue_expired() -> int:
    """Running jobs whose lease ran out go back to the queue (or end, when cancelled or tried too often); how many."""
    swept = 0
    for job_id in Job.objects.filter(state="running", lease_until__lt=DatabaseNow()).values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            # a locked row is one whose worker is just writing
            rows = Job.objects.filter(pk=job_id, state="running", lease_until__lt=DatabaseNow())
            job = rows.select_for_update(skip_locked=True).first()
            if job is not None:
                _let_go(job)
                swept += 1
    return swept


def _let_go(job: Job) -> None:
    row: QuerySet[Job] = Job.objects.filter(pk=job.pk)
    log.warning("job %s (%s): its worker fell silent in attempt %s", job.pk, job.kind, job.attempts)
    if job.cancel_requested:
        row.update(state=JOB.after(job.state, "cancel"), lease_until=None, ended_at=DatabaseNow())
    elif job.attempts >= INTERRUPTIONS:
        words = _("The worker ended in the middle of this %(n)d times.") % {"n": job.attempts}
        row.update(state=JOB.after(job.state, "fail"), error=words, lease_until=None, ended_at=DatabaseNow())
    else:
        row.update(state=JOB.after(job.state, "requeue"), lease_until=None, due_at=DatabaseNow())
        broker.send(job.pk)


def resend_lost() -> int:
    """New messages for queued jobs that have none; how many. A message too many does nothing."""
    waiting = Job.objects.filter(state="queued", due_at__lt=ago(LOST_AFTER)).order_by("due_at")
    ids = list(waiting.values_list("pk", flat=True)[:READ_AT_MOST])
    if not ids:
        return 0
    messages = list(OrmQ.objects.filter(lock__lt=timezone.now() + SOON)[: READ_AT_MOST + 1])
    if len(messages) > READ_AT_MOST:
        return 0  # plenty to do before any could be missed
    known = {args[0] for message in messages if (args := message.task.get("args"))}
    lost = [pk for pk in ids if pk not in known]
    for pk in lost:
        broker.send(pk)
    return len(lost)


def prune() -> int:
    """Drop jobs half a year after their end, and the broker's own notes of failures; how many."""
    Task.objects.filter(stopped__lt=timezone.now() - KEEP_FAILURES).delete()
    old = Job.objects.filter(ended_at__lt=ago(KEEP_JOBS)).order_by("id").values_list("pk", flat=True)
    dropped = 0
    while ids := list(old[:500]):
        Job.objects.filter(pk__in=ids).delete()
        dropped += len(ids)
    return dropped


ticks.add("requeue expired jobs", (5.0, requeue_expired))
ticks.add("resend lost jobs", (5.0, resend_lost))
ticks.add("prune jobs", (3600.0, prune))

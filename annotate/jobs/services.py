"""Asking for background work, and asking it to end. Running it is in `running`, what it may say while it runs in `work`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotate.activity.because import named
from annotate.activity.services import record
from annotate.jobs import broker
from annotate.jobs.handlers import handler, handlers, links
from annotate.jobs.models import Job
from annotate.jobs.policies import may_cancel
from annotate.jobs.running import execute
from annotate.jobs.states import JOB, LIVE
from annotate.jobs.work import Cancelled, Superseded, Work
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict
from annotate.people.actor import Actor

__all__ = ["Cancelled", "Superseded", "Work", "cancel", "enqueue", "execute", "handler", "handlers", "links"]


def enqueue(
    kind: str,
    *,
    organisation_id: int,
    project_id: int | None = None,
    by: Actor | None,
    arguments: Mapping[str, Any],
    key: str | None = None,
) -> Job:
    """A queued job and its message, in the caller's transaction: both or neither.

    With a `key`, the job of that key that is queued or running is answered instead of a second one. Asked for `because` of something,
    it names the same cause in what it does.
    """
    handlers.get(kind)
    for _attempt in range(5):
        if key is not None and (live := Job.objects.filter(key=key, state__in=LIVE).first()) is not None:
            return live
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    organisation_id=organisation_id,
                    project_id=project_id,
                    created_by=by.person if by else None,
                    arguments=dict(arguments) | named(),
                    key=key,
                )
                broker.send(job.pk)
                return job
        except IntegrityError:
            if key is None:
                raise
    raise Conflict(_("The same work is being started just now; try again."), code="busy")


@transaction.atomic
def cancel(job: Job, *, by: Actor) -> Job:
    """End a queued job at once, a running one at its next step; `Conflict` when it has ended already."""
    require(may_cancel(by, job))
    ended = Job.objects.filter(pk=job.pk, state="queued").update(
        state=JOB.after("queued", "cancel"), cancel_requested=True, ended_at=DatabaseNow()
    )
    if not ended and not Job.objects.filter(pk=job.pk, state="running").update(cancel_requested=True):
        raise Conflict(_("This has ended already."), code="illegal_move")
    job.refresh_from_db()
    record(by, "job.cancel", job, organisation=job.organisation_id, project=job.project_id, data={"kind": job.kind})
    return job

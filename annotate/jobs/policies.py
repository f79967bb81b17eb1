"""What a person may do to background work."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.jobs.models import Job
from annotate.jobs.queries import visible
from annotate.kernel.decisions import Allowed, Decision, Denial
from annotate.people.actor import Actor


def may_cancel(actor: Actor, job: Job) -> Decision:
    """Who sees a job may end it: its creator, managers of its project, admins."""
    return (
        Allowed()
        if visible(actor).filter(pk=job.pk).exists()
        else Denial(_("only who started this, or a manager, may end it"))
    )

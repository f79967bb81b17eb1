"""What the consensus left open goes to an adjudication queue: one that asks for just that, made when it is first needed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues.fill import fill
from annotate.queues.models import Queue
from annotate.queues.services import create_queue

LEAVES = ("tie", "below_quorum")
Q = 'consensus in ("tie", "below_quorum")'


@transaction.atomic
def send(project: Project, *, by: Actor) -> tuple[Queue, int]:
    """(the queue, how many items came to it), where people agree least first."""
    require(may_manage(by, project))
    queue = Queue.objects.filter(project=project, stage="adjudicate", q=Q, state="open").order_by("pk").first()
    if queue is None:
        queue = create_queue(project, _free(project), stage="adjudicate", q=Q, order="disagreement", by=by)
    return queue, fill(queue.pk)


def _free(project: Project) -> str:
    """A name that no queue of the project has."""
    name, taken = _("Adjudication"), set(Queue.objects.filter(project=project).values_list("name", flat=True))
    return next(one for one in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if one not in taken)

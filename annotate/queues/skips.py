"""Skipped items never vanish: each waits with its reasons until a manager says what becomes of it.

`back` puts it before those who skipped it once more; `hold` keeps the item from every queue; `void` asks nobody any more in
that queue. Until then others may be served it as ever; once one of them answers, the skip is settled by that.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Item
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues.holding import hold
from annotate.queues.leases import end
from annotate.queues.models import Lease, Queue, Skip, Task
from annotate.queues.states import TASK
from annotate.queues.tasks import void

ACTS = ("back", "hold", "void")
CAUSE = "skipped"


@dataclass
class Skipped:
    """An item that somebody passed on in a queue: who and why, the latest first. `waiting`: tasks that still ask for an answer."""

    item: Item
    queue: Queue
    skips: list[Skip] = field(default_factory=list)
    waiting: int = 0

    @property
    def since(self) -> dt.datetime:
        return min(skip.created_at for skip in self.skips)


def unsettled(project: Project) -> QuerySet[Skip]:
    """Skips that nobody has settled, of items whose task still asks for an answer."""
    asks = Task.objects.filter(
        queue=OuterRef("task__queue"), item=OuterRef("item"), round=OuterRef("task__round"), state__in=TASK.origins("void"), gold=False
    )
    rows = Skip.objects.filter(settled_at=None, task__queue__project=project).exclude(task__queue__state="closed")
    return rows.filter(Exists(asks)).exclude(item__state="erased")


def inbox(project: Project, most: int = 100) -> tuple[list[Skipped], int]:
    """What was skipped, most often skipped first and then the longest ago; and how many items in all."""
    found: dict[tuple[int, int], Skipped] = {}
    for skip in unsettled(project).select_related("item", "person", "task__queue").order_by("-created_at"):
        key = (skip.item_id, skip.task.queue_id)
        found.setdefault(key, Skipped(skip.item, skip.task.queue)).skips.append(skip)
    rows = sorted(found.values(), key=lambda row: (-len(row.skips), row.since))
    return rows[:most], len(rows)


@transaction.atomic
def settle(project: Project, item_id: int, queue_id: int, act: str, *, by: Actor) -> int:
    """Settle the skips of one item in one queue; how many. `Conflict` when somebody was faster."""
    require(may_manage(by, project))
    if act not in ACTS:
        raise Invalid(_("Put it back, hold it or take it out of the queue."), fields={"act": f"one of {', '.join(ACTS)}"})
    tasks = list(Task.objects.filter(item_id=item_id, queue_id=queue_id).order_by("pk").select_for_update(of=("self",)))
    skips = Skip.objects.filter(unsettled_of(project), item_id=item_id, task__in=[task.pk for task in tasks])
    settled = Skip.objects.filter(pk__in=list(skips.values_list("pk", flat=True))).update(
        settled=act, settled_at=DatabaseNow(), settled_by=by.person
    )
    if not settled:
        raise Conflict(_("somebody has settled this already"), code="settled")
    if act == "void":
        open_ones = [task.pk for task in tasks if TASK.allows(task.state, "void") and not task.gold]
        for lease in Lease.objects.filter(task__in=open_ones, ended_at=None):
            end(lease.pk, "move")
        void(open_ones)
    elif act == "hold":
        hold([item_id], cause=CAUSE, reason=_("skipped"), by=by)
    data: dict[str, Any] = {"item": item_id, "queue": queue_id, "count": settled}
    record(by, f"skips.{act}", ("item", item_id), organisation=project.organisation_id, project=project, data=data)
    return settled


def unsettled_of(project: Project) -> Q:
    return Q(settled_at=None, task__queue__project=project)

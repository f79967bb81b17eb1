"""The step `queue`: what is to be labelled goes to the flow's annotate queue, or to one of the batch's own.

What another queue asks for already stays there: somebody has seen to it, and nobody is asked twice.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Batch, Item
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.queues import fill, sending
from annotate.queues.models import Queue, Task
from annotate.queues.services import create_queue
from annotate.search.writing import quoted
from workflows.automation import facts
from workflows.automation.fields import unasked
from workflows.automation.models import Step
from workflows.automation.steps.moves import START, Kind, Move, Way, waits


def look(step: Step, way: Way) -> Move:
    if Batch.objects.filter(pk=way.batch.pk, gated=True).exists():
        return waits("gated")
    of = facts.counts(way.batch.pk)
    if of.items and not of.unasked:
        asked = Task.objects.filter(item__batch=way.batch, queue__stage="annotate", gold=False).exclude(state="void")
        return Move("finish", by_hand=True) if asked.exists() else Move("skip", "nothing_to_label")
    return START


def act(step: Step, way: Way, by: Actor) -> Move:
    rows = Item.objects.filter(unasked(), batch=way.batch).order_by("pk")
    items = list(rows.values_list("pk", flat=True))
    queue = queue_for(way, "annotate", by) if items else None
    if way.document.get("adjudicate") is not None:
        queue_for(way, "adjudicate", by)
    if queue is None:
        return Move("skip", "nothing_to_label")
    fill.fill(queue.pk)
    sending.send(queue, items)
    sent = queue.tasks.filter(item__in=items, gold=False).exclude(state="void").values("item").distinct().count()
    project = way.batch.project
    data = {"queue": queue.pk, "items": sent}
    record(by, "batch.queue", way.batch, organisation=project.organisation_id, project=project, data=data)
    return Move("finish", about={"items": sent}, refs={"queue": queue})


def queue_for(way: Way, stage: str, by: Actor) -> Queue:
    """The queue that the flow names; without a name one of the batch's own, made when it is needed first."""
    settings: dict[str, Any] = way.document[stage]
    if named := settings.get("queue"):
        found = Queue.objects.filter(pk=named, project=way.batch.project_id, stage=stage).exclude(state="closed").first()
        if found is None:
            raise Invalid(_("The queue that the flow names is closed, or has gone: declare another, and try again."), code="queue_gone")
        return found
    q = own_query(way.batch, stage)
    found = Queue.objects.filter(project=way.batch.project_id, stage=stage, q=q).exclude(state="closed").order_by("pk").first()
    if found is not None:
        return found
    return create_queue(way.batch.project, _free_name(way.batch, stage), stage=stage, q=q, by=by, **settings)


def own_query(batch: Batch, stage: str) -> str:
    """What a batch's own queue asks for."""
    named = f"batch = {quoted(batch.name)}"
    return f"{named} and unasked" if stage == "annotate" else named


def _free_name(batch: Batch, stage: str) -> str:
    words = _("labelling") if stage == "annotate" else _("decisions")
    wanted = f"{batch.name[:160]} · {words}"
    taken = set(Queue.objects.filter(project=batch.project_id, name__startswith=wanted).values_list("name", flat=True))
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name


QUEUE = Kind(look, act)

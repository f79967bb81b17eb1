"""A batch sets out on its way when it is sealed, where anything runs by itself, or when somebody sends it; it ends when all steps
are over, or when the batch is opened again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.activity.because import because
from annotate.activity.services import record
from annotate.items.models import Batch
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict
from annotate.people.actor import Actor
from workflows.automation.flows import of_project
from workflows.automation.models import Flow, Passage, Step
from workflows.automation.policies import may_run
from workflows.automation.states import KINDS, OVER, STEP


@transaction.atomic
def send(batch: Batch, *, by: Actor) -> Passage:
    """Let a sealed batch set out by a person's word. `Conflict` when it is open, on its way already, or no flow is declared."""
    require(may_run(by, batch.project))
    batch = Batch.objects.select_for_update(of=("self",), no_key=True).select_related("project").get(pk=batch.pk)
    flow = of_project(batch.project_id)
    if batch.project.archived_at is not None:
        raise Conflict(_("the project is in the archive"), code="archived")
    if flow is None:
        raise Conflict(_("No flow is declared yet: declare it first."), code="no_flow")
    if batch.state != "sealed":
        raise Conflict(_("The batch is open: seal it, and it sets out."), code="not_sealed")
    if Passage.objects.filter(batch=batch, ended_at=None).exists():
        raise Conflict(_("The batch is on its way already."), code="on_its_way")
    act = record(by, "way.begin", batch, organisation=batch.project.organisation_id, project=batch.project, data={"flow": flow.number})
    made = begin(batch, flow, cause=act.pk, at=act.at)
    assert made is not None
    return made


@transaction.atomic
def begin(batch: Batch, flow: Flow, *, cause: int, at: dt.datetime) -> Passage | None:
    """The batch with its steps, all of them waiting; None when this cause has set it out before."""
    Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if Passage.objects.filter(cause=cause).exists():
        return None
    for earlier in Passage.objects.select_for_update(of=("self",)).filter(batch=batch, ended_at=None):
        end(earlier, "sealed_anew")
    last = Passage.objects.filter(batch=batch).aggregate(last=Max("number"))["last"] or 0
    made = Passage.objects.create(batch=batch, number=last + 1, flow=flow, cause=cause, created_at=at)
    Step.objects.bulk_create([Step(passage=made, kind=kind, number=number) for kind, number in planned(flow.document)])
    return made


def planned(document: dict[str, Any]) -> list[tuple[str, int]]:
    """The steps of a flow in their order: (kind, number)."""
    rounds = len(document["review"])
    return [(kind, number) for kind in KINDS for number in (range(1, rounds + 1) if kind == "round" else (1,))]


def in_order(steps: list[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: (KINDS.index(step.kind), step.number))


def end(passage: Passage, reason: str) -> None:
    """The way ends here: what was not done is left. The caller has it locked."""
    now = timezone.now()
    left = Step.objects.filter(passage=passage).exclude(state__in=OVER)
    left.filter(state__in=STEP.origins("skip")).update(state="skipped", reason=reason, about={}, ended_at=now)
    Passage.objects.filter(pk=passage.pk).update(ended_at=now, reason=reason)
    project = passage.batch.project
    with because(cause_of(passage)):
        record(None, "way.end", ("batch", passage.batch_id), organisation=project.organisation_id, project=project, data={"reason": reason})


def cause_of(passage: Passage, step: Step | None = None) -> dict[str, Any]:
    """What acts of the machine on this way name as their cause."""
    named: dict[str, Any] = {"activity": passage.cause, "batch": passage.batch_id}
    return named if step is None else {**named, "step": step.kind, "number": step.number}

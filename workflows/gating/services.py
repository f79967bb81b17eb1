"""Gates set, removed, opened by hand and shut again."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.schemas import parsed
from annotate.items.models import Batch, Item
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.queries import current_schema
from workflows.gating import judging
from workflows.gating.expression import read
from workflows.gating.models import GateOpening, ReleaseGate
from workflows.gating.policies import may_set_gates
from workflows.releases.models import Slice

LONGEST_REASON = 500


@transaction.atomic
def set_gate(project: Project, expression: str, *, batch: Batch | None = None, slice: Slice | None = None, by: Actor) -> ReleaseGate:
    """From now on this rule must pass before items of the batch, or of every batch without a gate of its own, go into a version, or before
    the slice is cut. Versions that are cut stay as they are; what was opened by hand shuts with another rule.

    `QueryError` names the column of what cannot be read. `Missing` for a batch or slice of another project.
    """
    require(may_set_gates(by, project))
    _within(project, batch, slice)
    expression = check_text(expression).strip()
    labels = [one["name"] for one in parsed(current_schema(project.pk).pk).document.get("labels") or ()]
    read(expression, labels=labels)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    gate = ReleaseGate.objects.filter(project=project, batch=batch, slice=slice).first()
    if gate is None:
        gate = ReleaseGate.objects.create(project=project, batch=batch, slice=slice, expression=expression, created_by=by.person)
    elif gate.expression != expression:
        gate.expression = expression
        gate.save(update_fields=["expression"])
    else:
        return gate
    _record(project, batch, slice, "release_gate.set", by, {"expression": expression})
    return gate


@transaction.atomic
def remove_gate(project: Project, *, batch: Batch | None = None, slice: Slice | None = None, by: Actor) -> None:
    """The rule holds no more; a batch has the project's again. `Missing` when there is none."""
    require(may_set_gates(by, project))
    _within(project, batch, slice)
    if not ReleaseGate.objects.filter(project=project, batch=batch, slice=slice).delete()[0]:
        raise Missing()
    _record(project, batch, slice, "release_gate.remove", by, {})


@transaction.atomic
def open_by_hand(project: Project, *, batch: Batch | None = None, slice: Slice | None = None, reason: str, by: Actor) -> GateOpening:
    """Let it through although its gate does not pass; says why. It holds until the rule changes, or more items come in.

    `Invalid` without a reason, `Missing` where there is no gate, `Conflict` when it passes, or was opened already.
    """
    require(may_set_gates(by, project))
    _within(project, batch, slice)
    reason = check_text(reason).strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid(_("Say why it is opened."), fields={"reason": _("1 to %(most)d characters") % {"most": LONGEST_REASON}})
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    now = judged(project, batch=batch, slice=slice)
    if now is None:
        raise Missing()
    if now.lets_through:
        raise Conflict(_("The gate is open."), code="gate_open")
    GateOpening.objects.filter(batch=batch, slice=slice, ended_at=None).update(ended_at=DatabaseNow())  # one that holds no more
    last = Item.objects.filter(batch=batch).aggregate(last=Max("pk"))["last"] or 0 if batch else _newest(slice)
    made = GateOpening.objects.create(
        project=project, batch=batch, slice=slice, expression=now.gate.expression, last_item=last, reason=reason, opened_by=by.person
    )
    _record(project, batch, slice, "release_gate.open", by, {"reason": reason, "expression": now.gate.expression})
    return made


@transaction.atomic
def shut_again(project: Project, *, batch: Batch | None = None, slice: Slice | None = None, by: Actor) -> None:
    """What was opened by hand is as its rule says again. `Missing` when nothing was."""
    require(may_set_gates(by, project))
    _within(project, batch, slice)
    if batch is None and slice is None:
        raise Missing()
    if not GateOpening.objects.filter(batch=batch, slice=slice, ended_at=None).update(ended_at=DatabaseNow()):
        raise Missing()
    _record(project, batch, slice, "release_gate.shut", by, {})


def judged(project: Project, *, batch: Batch | None = None, slice: Slice | None = None) -> judging.Judged | None:
    """What the gate says now; None without one."""
    if batch is not None:
        return judging.of_batches(project, {batch.pk: batch.name}).get(batch.pk)
    return judging.of_slices(project, [slice]).get(slice.pk) if slice is not None else None


def _newest(slice: Slice | None) -> int:
    items = judging.items_of(slice) if slice is not None else None
    return 0 if items is None else judging.newest(items)


def _within(project: Project, batch: Batch | None, slice: Slice | None) -> None:
    if any(one is not None and one.project_id != project.pk for one in (batch, slice)):
        raise Missing()


def _record(project: Project, batch: Batch | None, slice: Slice | None, verb: str, by: Actor, data: dict[str, Any]) -> None:
    record(by, verb, batch or slice or project, organisation=project.organisation_id, project=project, data=data)

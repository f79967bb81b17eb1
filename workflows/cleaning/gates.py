"""A batch's gate: no annotator is handed its items until all rules have run on all of them, and little enough is in quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.gating import newcomers, set_gated
from annotate.items.models import Batch, Item
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.actor import Actor
from annotate.queues.models import Hold
from workflows.cleaning.models import CheckRun, Gate, Rule
from workflows.cleaning.policies import may_clean
from workflows.cleaning.states import GATE
from workflows.cleaning.to_queues import gate_opened

_MOVES = {"open": "pass", "shut": "shut", "waiting": "wait"}


@transaction.atomic
def set_gate(batch: Batch, *, bar: float, by: Actor) -> Gate:
    """Put a gate before the batch, or move its bar (the largest share of its items that may be in quarantine, 0 to 1)."""
    require(may_clean(by, batch.project))
    if isinstance(bar, bool) or not isinstance(bar, int | float) or not 0 <= bar <= 1:
        raise Invalid(_("The bar is a share of the items."), fields={"bar": _("a number from 0 to 1")})
    _lock(batch.pk)
    gate, made = Gate.objects.select_for_update(of=("self",)).get_or_create(batch=batch, defaults={"bar": bar, "created_by": by.person})
    if not made:
        gate.bar = bar
        gate.save(update_fields=["bar"])
    _record(gate, "gate.set", by, {"bar": bar})
    judge(batch.pk)
    gate.refresh_from_db()
    return gate


@transaction.atomic
def remove_gate(batch: Batch, *, by: Actor) -> None:
    """Take the gate away; queues take the batch up. `Missing` when there is none."""
    require(may_clean(by, batch.project))
    _lock(batch.pk)
    gate = Gate.objects.select_for_update(of=("self",)).filter(batch=batch).first()
    if gate is None:
        raise Missing()
    _record(gate, "gate.remove", by, {})
    gate.delete()
    _let(batch, True)


@transaction.atomic
def open_by_hand(batch: Batch, *, reason: str, by: Actor) -> Gate:
    """Open it although the checks have not run or too much is in quarantine; says why. It shuts again when more items come."""
    require(may_clean(by, batch.project))
    reason = reason.strip()
    if not 1 <= len(reason) <= 500:
        raise Invalid(_("Say why it is opened."), fields={"reason": _("1 to 500 characters")})
    _lock(batch.pk)
    gate = Gate.objects.select_for_update(of=("self",)).filter(batch=batch).first()
    if gate is None:
        raise Missing()
    if not GATE.allows(gate.state, "pass"):
        raise Conflict(_("The gate is open."), code="illegal_move")
    gate.state, gate.opened_by, gate.reason = GATE.after(gate.state, "pass"), by.person, reason
    gate.last_item = Item.objects.filter(batch=batch).aggregate(last=Max("pk"))["last"] or 0
    gate.save()
    _let(batch, True)
    _record(gate, "gate.open", by, {"reason": reason})
    return gate


def judge(batch_id: int, *, run: CheckRun | None = None) -> Gate | None:
    """Open, shut or wait, as the newest run that counts says. Asked whenever a run ends or is undone, an item is restored, or items come."""
    if not Gate.objects.filter(batch_id=batch_id).exists():
        return None
    with transaction.atomic():
        _lock(batch_id)
        gate = Gate.objects.select_for_update(of=("self",)).select_related("batch__project").filter(batch_id=batch_id).first()
        if gate is None:
            return None
        newest = Item.objects.filter(batch_id=batch_id).aggregate(last=Max("pk"))["last"] or 0
        counts = standing(gate.batch, newest)
        by_hand = gate.opened_by_id is not None and newest <= gate.last_item
        if by_hand and (run is None or counts is None or run.pk != counts.pk):
            return gate  # a person's word stands until another run says more, or more items come
        share = None if counts is None else quarantined(gate.batch)
        state = "waiting" if share is None else "open" if share <= gate.bar else "shut"
        was = gate.state
        gate.state, gate.share, gate.run, gate.last_item, gate.opened_by, gate.reason = state, share, counts, newest, None, ""
        gate.save()
        if was != state:
            _record(gate, f"gate.{_MOVES[state]}", None, {"share": share})
        _let(gate.batch, state == "open")
        return gate


def standing(batch: Batch, newest: int | None = None) -> CheckRun | None:
    """The newest run that counts for the batch as it is now: of all rules, on all of its items, and acted on."""
    if newest is None:
        newest = Item.objects.filter(batch=batch).aggregate(last=Max("pk"))["last"] or 0
    return next((one for one in _complete(batch) if one.last_item >= newest and _saw_all(one)), None)


def judge_after(run: CheckRun) -> None:
    """A run ended or was undone: the gates of what it looked at are judged."""
    batches = [run.batch_id] if run.batch_id else Gate.objects.filter(batch__project=run.project_id).order_by("batch").values_list("batch", flat=True)
    for batch in batches:
        judge(batch, run=run)


@newcomers.register("gate")
def wait(batch_id: int) -> None:
    """Items come into the batch, which the caller has locked: from the same instant on its gate waits."""
    gate = Gate.objects.select_for_update(of=("self",)).select_related("batch__project").filter(batch=batch_id).first()
    if gate is None:
        return
    if GATE.allows(gate.state, "wait"):
        gate.state, gate.share, gate.run, gate.opened_by, gate.reason = GATE.after(gate.state, "wait"), None, None, None, ""
        gate.save()
        _record(gate, "gate.wait", None, {"share": None})
    set_gated(batch_id, True)


def _lock(batch_id: int) -> None:
    """The batch before its gate, as those who add items do."""
    Batch.objects.select_for_update(no_key=True).get(pk=batch_id)


def _let(batch: Batch, through: bool) -> None:
    """Queues take the batch up, or do not any more; what rules sent to a queue while its gate was not open is sent now."""
    if set_gated(batch.pk, not through) and through:
        gate_opened(batch)


def _complete(batch: Batch) -> Iterator[CheckRun]:
    """Runs of all rules on all of the batch that are applied, or that found nothing to act on; the newest first."""
    rows = CheckRun.objects.filter(Q(batch=batch) | Q(batch=None), project=batch.project_id, q="", chosen=[], state__in=("checked", "applied", "undone"))
    return (run for run in rows.select_related("rule_set").order_by("-id")[:20] if not _left_open(run))


def _left_open(run: CheckRun) -> bool:
    """Whether a rule that quarantines could not be run, caught too many, or was not acted on."""
    holding = [rule["id"] for rule in run.rule_set.document if rule["action"] == "quarantine"]
    results = [run.results.get(str(rule), {}) for rule in holding]
    if any(result.get("error") or result.get("too_many") for result in results):
        return True
    return run.state != "applied" and run.findings.filter(rule__in=holding, state__in=("found", "undone")).exists()


def _saw_all(run: CheckRun) -> bool:
    """Whether none of the items was still being written when it looked."""
    rows = Item.objects.filter(project=run.project_id, pk__lte=run.last_item).exclude(state="erased")
    return (rows.filter(batch=run.batch_id) if run.batch_id else rows).count() <= run.items


def rules_since(gate: Gate) -> list[str]:
    """Names of active rules that were added or changed since the check that the gate stands on. It does not move for them: work that is
    begun goes on, and a further check decides anew. None where no check decided."""
    if gate.run is None:
        return []
    then = {rule["id"]: (rule["kind"], rule["parameters"], rule["action"]) for rule in gate.run.rule_set.document}
    now = Rule.objects.filter(project=gate.batch.project_id, active=True).order_by("name")
    return [rule.name for rule in now if then.get(rule.pk) != (rule.kind, rule.parameters, rule.action)]


def quarantined(batch: Batch) -> float:
    """The share of the batch's items that something holds back."""
    items = Item.objects.filter(batch=batch).exclude(state="erased")
    total = items.count()
    held = Hold.objects.filter(item__in=items, ended_at=None).values("item").distinct().count()
    return held / total if total else 0.0


def _record(gate: Gate, verb: str, by: Actor | None, data: dict[str, Any]) -> None:
    project = gate.batch.project
    record(by, verb, ("batch", gate.batch_id), organisation=project.organisation_id, project=project, data=data)

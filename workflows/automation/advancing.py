"""One move on a batch's way: looked for, then done, in one transaction with the step that says so.

The passage is locked first, so that of several who come at once one acts and the others find it done; a worker that dies has done
nothing or all of it. What a step may do is bounded by who switched it on: as they may when it acts.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from annotate.activity.because import because
from annotate.activity.models import Activity
from annotate.activity.services import record
from annotate.kernel.errors import Conflict, Denied, SluiceError
from annotate.people.actor import Actor
from workflows.automation.models import Passage, Step, Stop, Switch
from workflows.automation.passages import cause_of, in_order
from workflows.automation.policies import may_run
from workflows.automation.states import OVER, STEP
from workflows.automation.steps.kinds import STEPS
from workflows.automation.steps.moves import Move, Way

log = logging.getLogger("sluice.automation")
PATIENCE = dt.timedelta(seconds=30)  # between two tries of what was refused, when something happened since
SWEEP = dt.timedelta(minutes=10)  # when nothing did
REFS = ("check_run", "queue", "round", "version")


class Refused(Exception):
    """An act did not come about: its transaction is undone, and the step is told why in another."""

    def __init__(self, step: Step, error: Exception) -> None:
        super().__init__()
        self.step, self.error = step, error


def way_of(passage: Passage) -> Way:
    """The batch on its way, as it stands now."""
    rows = Step.objects.filter(passage=passage).select_related("check_run__job", "queue", "round", "version__job", "person")
    on = Switch.objects.filter(project=passage.batch.project_id, on=True).values_list("kind", flat=True)
    return Way(passage.batch, passage.flow.document, passage.created_at, tuple(in_order(list(rows))), frozenset(on))


def next_move(way: Way) -> tuple[Step, Move] | None:
    """The first step that can move, and how; None when nothing can, whatever the reason. Reads only.

    A step that is switched off holds nobody up by itself: what it would have done, a person does or leaves. The gate may be put there
    while the checks still run."""
    checking = False
    for step in way.steps:
        if step.state in OVER:
            continue
        if checking and step.kind != "gate":
            return None
        move = STEPS[step.kind].look(step, way)
        on = step.kind in way.on
        by_itself = move.name == "start" and not move.by_hand
        if by_itself and (not on or step.state != "waiting" or not _ripe(step, way)):
            move = Move()
        if checking and not (by_itself and move.name):
            return None
        if move.name and (move.by_hand or STEP.allows(step.state, move.name)):
            return step, move
        if not on and step.state == "waiting":
            continue
        if step.kind != "checks":
            return None
        checking = True
    return None


def _ripe(step: Step, way: Way) -> bool:
    """Whether what refused it before may say otherwise by now."""
    if step.refused_at is None:
        return True
    waited = timezone.now() - step.refused_at
    if waited >= SWEEP:
        return True
    return waited >= PATIENCE and newest_activity(way.batch.project_id) > step.refused_after


def newest_activity(project_id: int) -> int:
    return Activity.objects.filter(project_id=project_id).order_by("-id").values_list("pk", flat=True).first() or 0


def advance(passage_id: int) -> bool:
    """One move further; whether there was one."""
    try:
        with transaction.atomic():
            return _advance(passage_id)
    except Refused as refused:
        _refuse(refused.step, refused.error)
        return not isinstance(refused.error, Conflict)


def _locked(passage_id: int) -> Passage | None:
    rows = Passage.objects.select_for_update(of=("self",)).select_related("batch__project", "flow")
    return rows.filter(pk=passage_id, ended_at=None, batch__state="sealed", batch__project__archived_at=None).first()


def _advance(passage_id: int) -> bool:
    passage = _locked(passage_id)
    if passage is None:
        return False
    way = way_of(passage)
    found = next_move(way)
    if found is None:
        return False
    step, move = found
    by: Actor | None = None
    with because(cause_of(passage, step)):
        if move.name == "start" and not move.by_hand:
            if stopped(passage):
                write(step, Move("stop", "stopped"))
                return True
            switch = Switch.objects.select_related("person").get(project=passage.batch.project_id, kind=step.kind)
            by = _acting(switch, passage)
            if by is None:
                write(step, Move("stop", "nobody", {"name": switch.person.name if switch.person else ""}))
                return True
            move = _act(step, way, by)
        if step.state in ("failed", "stopped") and move.name == "start":  # somebody began it by hand
            write(step, Move("again" if step.state == "failed" else "resume"))
        write(step, move, by=by)
        if move.name in ("start", "finish"):
            _pass_over(way, step)
        if not Step.objects.filter(passage=passage).exclude(state__in=OVER).exists():
            _through(passage)
    return True


def _act(step: Step, way: Way, by: Actor) -> Move:
    try:
        with transaction.atomic():
            return STEPS[step.kind].act(step, way, by)
    except (OperationalError, InterfaceError):
        raise  # of the database, not of the step: the job is tried again
    except Exception as error:
        raise Refused(step, error) from error


def _acting(switch: Switch, passage: Passage) -> Actor | None:
    """Who switched it on, while they may do what it does."""
    person = switch.person
    if person is None or not person.is_active:
        return None
    actor = Actor.of(person)
    return actor if may_run(actor, passage.batch.project) else None


def stopped(passage: Passage) -> bool:
    of = Q(batch=passage.batch_id) | Q(batch=None, project=passage.batch.project_id)
    return Stop.objects.filter(of, ended_at=None).exists()


def write(step: Step, move: Move, *, by: Actor | None = None) -> None:
    """The step's one writer: its state after the move, and a row that tells of it. The caller has the passage locked."""
    state, now = STEP.after(step.state, move.name), timezone.now()
    values: dict[str, Any] = {"state": state, "reason": str(move.why)[:500], "about": dict(move.about)}
    values |= {name: thing for name, thing in move.refs.items() if name in REFS}
    if move.name in ("start", "finish"):
        values |= {"by_hand": move.by_hand or (step.state == "running" and step.by_hand), "refused_at": None}
        if step.started_at is None or move.name == "start":
            values["started_at"] = now
        if by is not None:
            values["person"] = by.person
    if state in OVER:
        values["ended_at"] = now
    if move.name == "again":
        values["tries"] = step.tries + 1
    Step.objects.filter(pk=step.pk, state=step.state).update(**values)
    for name, value in values.items():
        setattr(step, name, value)
    batch = step.passage.batch
    said = {"step": step.kind, "number": step.number, "by_hand": move.by_hand, "reason": values["reason"]}
    data = {name: value for name, value in said.items() if value} | {name: thing.pk for name, thing in move.refs.items()}
    record(by, f"step.{move.name}", ("batch", batch.pk), organisation=batch.project.organisation_id, project=batch.project, data=data)


def _pass_over(way: Way, step: Step) -> None:
    """What stands before it and is switched off was left out."""
    for earlier in way.steps[: way.steps.index(step)]:
        if earlier.state == "waiting" and earlier.kind != step.kind and earlier.kind not in way.on:
            write(earlier, Move("skip", "off"))


def _through(passage: Passage) -> None:
    project = passage.batch.project
    Passage.objects.filter(pk=passage.pk).update(ended_at=timezone.now(), reason="through")
    record(None, "way.end", ("batch", passage.batch_id), organisation=project.organisation_id, project=project, data={"reason": "through"})


@transaction.atomic
def _refuse(step: Step, error: Exception) -> None:
    """What a refusal makes of the step: who may not any more stops it, a conflict is asked again, all else failed."""
    passage = _locked(step.passage_id)
    found = Step.objects.select_related("passage__batch__project").filter(pk=step.pk, state="waiting").first()
    if passage is None or found is None:
        return
    with because(cause_of(passage, found)):
        if isinstance(error, Denied):
            write(found, Move("stop", error.detail))
        elif isinstance(error, Conflict):
            newest = newest_activity(passage.batch.project_id)
            Step.objects.filter(pk=found.pk).update(reason=error.detail[:500], about={}, refused_at=timezone.now(), refused_after=newest)
        elif isinstance(error, SluiceError):
            write(found, Move("fail", error.detail))
        else:
            log.error("step %s of batch %s", found.kind, passage.batch_id, exc_info=error)
            write(found, Move("fail", "unexpected"))

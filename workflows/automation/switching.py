"""What runs by itself: steps switched on and off, the line stopped and going on, a step tried again."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.models import Batch
from annotate.jobs.models import Job
from annotate.jobs.services import cancel as cancel_job
from annotate.jobs.states import LIVE
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from workflows.automation.advancing import stopped, write
from workflows.automation.flows import of_project
from workflows.automation.models import Passage, Step, Stop, Switch
from workflows.automation.policies import may_run
from workflows.automation.states import KINDS, STEP
from workflows.automation.steps.moves import Move

LONGEST_REASON = 500


def _live(project: Project, batch: Batch | None = None) -> list[Passage]:
    """Those on their way, locked: nothing starts there until the transaction ends."""
    rows = Passage.objects.select_for_update(of=("self",)).select_related("batch__project").filter(ended_at=None, batch__project=project)
    return list((rows if batch is None else rows.filter(batch=batch)).order_by("pk"))


def _steps(passages: list[Passage], state: str) -> QuerySet[Step]:
    return Step.objects.select_related("passage__batch__project").filter(passage__in=passages, state=state).order_by("pk")


@transaction.atomic
def switch(project: Project, kind: str, *, on: bool, by: Actor) -> Switch:
    """Let a step be taken by itself, in the name of who says so, or not any more. Switched on anew it is in the name of who did that,
    and goes on where nobody was there to act for."""
    require(may_run(by, project))
    if kind not in KINDS:
        raise Invalid(_("There is no such step."), fields={kind[:60]: f"one of {', '.join(KINDS)}"})
    if on and project.archived_at is not None:
        raise Conflict(_("the project is in the archive"), code="archived")
    if on and of_project(project.pk) is None:
        raise Conflict(_("No flow is declared yet: declare it first."), code="no_flow")
    passages = _live(project)
    found, _made = Switch.objects.select_for_update(of=("self",)).get_or_create(project=project, kind=kind)
    if found.on == on and (not on or found.person_id == by.person_id):
        return found
    act = record(by, f"switch.{'on' if on else 'off'}", ("project", project.pk), organisation=project.organisation_id, project=project, data={"step": kind})
    if found.on != on:
        found.activity, found.changed_at = act.pk, timezone.now()
    found.on, found.person = on, by.person
    found.save()
    if on:
        for step in _steps([one for one in passages if not stopped(one)], "stopped").filter(kind=kind, reason="nobody"):
            write(step, Move("resume"), by=by)
    return found


@transaction.atomic
def switch_all(project: Project, wanted: Mapping[str, bool], *, by: Actor) -> None:
    """Several at once, or none of them."""
    require(may_run(by, project))
    for kind in wanted:
        switch(project, kind, on=wanted[kind], by=by)


@transaction.atomic
def stop(project: Project, *, batch: Batch | None = None, reason: str = "", cancel: bool = False, by: Actor) -> Stop:
    """Nothing further starts by itself, of the project or of the batch, until `go_on`. What runs comes to its end, or is cancelled."""
    require(may_run(by, project))
    why = check_text(reason).strip()
    if len(why) > LONGEST_REASON:
        raise Invalid(_("The reason is too long."), fields={"reason": f"at most {LONGEST_REASON} characters"})
    passages = _live(project, batch)
    if Stop.objects.filter(project=project, batch=batch, ended_at=None).exists():
        raise Conflict(_("It is stopped already."), code="illegal_move")
    made = Stop.objects.create(project=project, batch=batch, reason=why, created_by=by.person)
    about = ("batch", batch.pk) if batch is not None else ("project", project.pk)
    record(by, "way.stop", about, organisation=project.organisation_id, project=project, data={"reason": why} if why else {})
    for step in _steps(passages, "waiting"):
        write(step, Move("stop", "stopped"), by=by)
    if cancel:
        for job in _at_work(passages):
            cancel_job(job, by=by)
    return made


def _at_work(passages: list[Passage]) -> list[Job]:
    """The background work that steps of the machine's own have begun."""
    steps = Step.objects.filter(passage__in=passages, state="running", by_hand=False).select_related("check_run__job", "round__job", "version__job")
    jobs = [thing.job for step in steps for thing in (step.check_run, step.round, step.version) if thing is not None and thing.job is not None]
    return [job for job in jobs if job.state in LIVE]


@transaction.atomic
def go_on(project: Project, *, batch: Batch | None = None, by: Actor) -> None:
    """Take the stop back: what waited for it goes on where nothing else stops it."""
    require(may_run(by, project))
    passages = _live(project, batch)
    ended = Stop.objects.filter(project=project, batch=batch, ended_at=None).update(ended_at=timezone.now(), ended_by=by.person)
    if not ended:
        raise Conflict(_("It is not stopped."), code="illegal_move")
    about = ("batch", batch.pk) if batch is not None else ("project", project.pk)
    record(by, "way.resume", about, organisation=project.organisation_id, project=project)
    for step in _steps([one for one in passages if not stopped(one)], "stopped").filter(reason="stopped"):
        write(step, Move("resume"), by=by)


@transaction.atomic
def retry(batch: Batch, kind: str, number: int = 1, *, by: Actor) -> Step:
    """Let a step that failed, or that nobody was there to act for, be tried again. `Missing` without one, `Conflict` when it did not fail."""
    require(may_run(by, batch.project))
    passages = _live(batch.project, batch)
    found = Step.objects.select_related("passage__batch__project").filter(passage__in=passages, kind=kind, number=number).first()
    if found is None:
        raise Missing()
    if found.state == "waiting" and found.refused_at is not None:
        Step.objects.filter(pk=found.pk).update(refused_at=None, reason="")
        return found
    if found.state not in ("failed", "stopped") or found.reason == "stopped":
        raise Conflict(_("Only a step that failed, or found nobody to act for, is tried again."), code="illegal_move")
    write(found, Move(next(move for move in ("again", "resume") if STEP.allows(found.state, move))), by=by)
    return found

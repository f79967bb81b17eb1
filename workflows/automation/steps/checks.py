"""The step `checks`: all rules run on the batch, and what they find is acted on."""

from __future__ import annotations

from annotate.jobs.states import LIVE
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from workflows.automation.models import Step
from workflows.automation.steps.moves import START, Kind, Move, Way, waits
from workflows.cleaning import gates, running
from workflows.cleaning.models import CheckRun
from workflows.cleaning.states import BUSY


def look(step: Step, way: Way) -> Move:
    run = step.check_run
    standing = gates.standing(way.batch)
    if standing is not None and way.after(standing.created_at):
        if _being_applied(standing):
            return waits("checking", run=standing.pk)
        mine = run is not None and run.pk == standing.pk
        return Move("finish", by_hand=not mine, refs={"check_run": standing})
    if step.state == "running":
        return _going_on(run)
    by_hand = CheckRun.objects.filter(batch=way.batch, state__in=BUSY, q="", chosen=[]).order_by("-id").first()
    if by_hand is not None and way.after(by_hand.created_at):
        return waits("checking", run=by_hand.pk)
    return START


def _being_applied(run: CheckRun) -> bool:
    """It has checked, and the same job acts on what it found in a moment."""
    return run.state == "checked" and run.apply_at_once and run.job is not None and run.job.state in LIVE


def _going_on(run: CheckRun | None) -> Move:
    if run is None:
        return Move("fail", "gone")
    if run.state == "undone":
        return Move("fail", "undone", {"run": run.pk})
    if run.state == "applied":
        return Move("fail", "not_whole", {"run": run.pk})  # it left out what a rule caught too much of, or could not look at
    job = run.job
    if run.state != "failed" and (run.state in BUSY or job is None or job.state in LIVE):
        return waits("checking", run=run.pk)
    return Move("fail", job.error if job is not None and job.error else "not_whole", {"run": run.pk})


def act(step: Step, way: Way, by: Actor) -> Move:
    try:
        run = running.start(way.batch.project, batch=way.batch, apply_at_once=True, by=by)
    except Invalid as error:
        if error.code == "no_rules":
            return Move("skip", "no_rules")
        raise
    return Move("start", refs={"check_run": run})


CHECKS = Kind(look, act)

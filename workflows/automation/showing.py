"""A batch's way as pages and the API tell it: steps that were passed with when and by what, the present one, and what comes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from annotate.items.models import Batch
from workflows.automation.advancing import way_of
from workflows.automation.document import usual
from workflows.automation.flows import of_project
from workflows.automation.models import Passage, Step, Switch
from workflows.automation.passages import in_order, planned
from workflows.automation.queries import newest
from workflows.automation.states import OVER
from workflows.automation.steps.kinds import STEPS
from workflows.automation.steps.moves import Way
from workflows.automation.wording import kind_words, took_words, why_words


def way(batch: Batch) -> tuple[Passage | None, list[dict[str, Any]]]:
    """The batch's passage and its steps; without one the steps of the flow that holds now, as what people did stands for them. Where
    none is declared and nothing goes by itself, nobody counts what a batch's page would have to wait for."""
    passage = newest(batch)
    if passage is not None:
        found = way_of(passage)
        return passage, _told(found, live=passage.ended_at is None)
    flow = of_project(batch.project_id)
    document = flow.document if flow is not None else usual()
    steps = tuple(Step(kind=kind, number=number) for kind, number in planned(document))
    on = Switch.objects.filter(project=batch.project_id, on=True).values_list("kind", flat=True)
    found = Way(batch, document, None, steps, frozenset(on))
    for step in steps if flow is not None or found.on else ():
        move = STEPS[step.kind].look(step, found)
        if move.name in ("finish", "skip") and (move.name == "skip" or move.by_hand):
            step.state, step.by_hand = ("done" if move.name == "finish" else "skipped"), move.name == "finish"
        elif move.name == "start" and move.by_hand:
            step.state, step.by_hand = "running", True
        step.reason, step.about = move.why, dict(move.about)
        for name, thing in move.refs.items():
            setattr(step, name, thing)
    return None, _told(found, live=False)


def _told(found: Way, *, live: bool) -> list[dict[str, Any]]:
    rounds, present, rows = sum(step.kind == "round" for step in found.steps), None, []
    for step in found.steps:
        if present is None and step.state not in OVER:
            present = step
        reason, about = step.reason, step.about
        if live and step is present and step.state in ("waiting", "running") and step.refused_at is None:
            move = STEPS[step.kind].look(step, found)
            reason, about = (move.why, move.about) if not move.name else (reason, about)
        rows.append(row(step, rounds, why=why_words(reason, about) if reason else "", present=step is present, on=step.kind in found.on))
    return rows


def row(step: Step, rounds: int, *, why: str = "", present: bool = False, on: bool = False) -> dict[str, Any]:
    refused = step.refused_at is not None and step.state == "waiting"
    return {
        "step": step,
        "word": kind_words(step.kind, step.number, rounds),
        "why": _("Blocked by: %(why)s") % {"why": why} if refused and why else why,
        "took": took_words(step.about) if step.state == "done" else "",
        "present": present,
        "on": on,
        "link": link(step),
        "retry": step.pk is not None and (refused or step.state == "failed" or (step.state == "stopped" and step.reason != "stopped")),
    }


def link(step: Step) -> str:
    """The page of what the step made."""
    if step.check_run_id is not None:
        return f"/check-runs/{step.check_run_id}"
    if step.queue_id is not None:
        return f"/queues/{step.queue_id}"
    if step.round is not None:
        return f"/p/{step.passage.batch.project_id if step.pk else step.round.batch.project_id}/rounds/{step.round_id}"
    if step.version is not None and step.version.number is not None:
        return f"/versions/{step.version_id}"
    return ""


def present_of(passage: Passage) -> dict[str, Any]:
    """One line of the list of batches on their way, by what is on record."""
    steps = in_order(list(passage.steps.all()))
    rounds = sum(step.kind == "round" for step in steps)
    now = next((step for step in steps if step.state not in OVER), None)
    told = row(now, rounds, why=why_words(now.reason, now.about) if now.reason else "") if now is not None else None
    return {"passage": passage, "batch": passage.batch, "now": told, "done": sum(step.state in OVER for step in steps), "of": len(steps)}

"""Flows and ways as the API answers them."""

from __future__ import annotations

from typing import Any

from annotate.items.models import Batch
from annotate.projects.models import Project
from workflows.automation import picture as drawing
from workflows.automation import queries, showing
from workflows.automation.document import usual
from workflows.automation.flows import of_project
from workflows.automation.models import Passage, Step, Stop, Switch
from workflows.automation.passages import in_order


def present_flow(project: Project) -> dict[str, Any]:
    """With the switches and the counts of the picture. `number` null: none is declared, and `flow` is the usual one."""
    flow, switches = of_project(project.pk), queries.switches(project)
    document = flow.document if flow is not None else usual()
    return {
        "number": flow.number if flow is not None else None,
        "flow": document,
        "created_by": flow.created_by_id if flow is not None else None,
        "created_at": flow.created_at if flow is not None else None,
        "switches": [present_switch(one) for one in switches],
        "stopped": present_stop(queries.stop_of(project)),
        "stages": [present_stage(one) for one in drawing.picture(project, document, switches)],
    }


def present_switch(one: Switch) -> dict[str, Any]:
    person = {"id": one.person_id, "name": one.person.name} if one.person is not None else None
    return {"step": one.kind, "on": one.on, "person": person, "changed_at": one.changed_at}


def present_stop(one: Stop | None) -> dict[str, Any] | None:
    return None if one is None else {"reason": one.reason, "person": one.created_by_id, "created_at": one.created_at}


def present_stage(stage: drawing.Stage) -> dict[str, Any]:
    return {
        "name": stage.name, "number": stage.number or None, "items": stage.items, "since": stage.since,
        "waits": [note.words for note in stage.notes],
    }  # fmt: skip


def present_step(step: Step, *, why: str | None = None) -> dict[str, Any]:
    return {
        "step": step.kind, "number": step.number, "state": step.state, "by_hand": step.by_hand, "person": step.person_id,
        "why": why or None, "check_run": step.check_run_id, "queue": step.queue_id, "round": step.round_id, "version": step.version_id,
        "started_at": step.started_at, "ended_at": step.ended_at,
    }  # fmt: skip


def present_way(batch: Batch) -> dict[str, Any]:
    """`number` null: it has not set out, and the steps say what people did of them."""
    passage, rows = showing.way(batch)
    return _passage(batch, passage) | {
        "stopped": present_stop(queries.stop_of(batch.project, batch) or queries.stop_of(batch.project)),
        "steps": [present_step(row["step"], why=row["why"]) for row in rows],
    }


def _passage(batch: Batch, passage: Passage | None) -> dict[str, Any]:
    return {
        "batch": batch.pk,
        "number": passage.number if passage else None,
        "flow": passage.flow.number if passage else None,
        "cause": passage.cause if passage else None,
        "created_at": passage.created_at if passage else None,
        "ended_at": passage.ended_at if passage else None,
        "reason": (passage.reason or None) if passage else None,
    }


def present_passage(passage: Passage) -> dict[str, Any]:
    """One of a list, by what is on record."""
    steps = in_order(list(passage.steps.all()))
    told = showing.present_of(passage)["now"]
    return _passage(passage.batch, passage) | {
        "name": passage.batch.name,
        "steps": [present_step(step, why=told["why"] if told is not None and told["step"] is step else None) for step in steps],
    }

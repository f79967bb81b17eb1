"""The step `gate`: little enough of the batch is in quarantine, or somebody opens it all the same.

A batch that has none gets the one that the flow declares, before its checks have run: until it is open no queue takes the batch up.
"""

from __future__ import annotations

from annotate.people.actor import Actor
from workflows.automation.models import Step
from workflows.automation.steps.moves import START, Kind, Move, Way, waits
from workflows.cleaning import gates
from workflows.cleaning.models import Gate


def look(step: Step, way: Way) -> Move:
    gate = Gate.objects.filter(batch=way.batch).first()
    if gate is None:
        declared = way.document.get("gate") is not None
        if step.state == "running" or not declared:
            return Move("skip", "no_gate")
        return START
    if gate.state == "open":
        return Move("finish", by_hand=gate.opened_by_id is not None or step.state != "running")
    if step.state == "waiting" and "gate" in way.on:
        return START
    if gate.state == "shut":
        return waits("shut", share=gate.share or 0.0, bar=gate.bar)
    return waits("unchecked")


def act(step: Step, way: Way, by: Actor) -> Move:
    """Put it there; where it is, have it judged by the checks that stand."""
    declared = way.document.get("gate")
    if declared is not None and not Gate.objects.filter(batch=way.batch).exists():
        gates.set_gate(way.batch, bar=declared["bar"], by=by)
    else:
        gates.judge(way.batch.pk)
    return Move("start")


GATE = Kind(look, act)

"""The kinds of steps, by name."""

from __future__ import annotations

from workflows.automation.steps.checks import CHECKS
from workflows.automation.steps.gate import GATE
from workflows.automation.steps.judging import ROUND
from workflows.automation.steps.moves import Kind
from workflows.automation.steps.queueing import QUEUE
from workflows.automation.steps.releasing import VERSION

STEPS: dict[str, Kind] = {"checks": CHECKS, "gate": GATE, "queue": QUEUE, "round": ROUND, "version": VERSION}

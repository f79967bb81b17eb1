"""What becomes of a step that a batch takes on its way."""

from __future__ import annotations

from annotate.kernel.machine import Machine

# In the order of the line. A step can be done by the machine, where it is switched on, or by a person.
KINDS = ("checks", "gate", "queue", "round", "version")

STEP = Machine(
    "step",
    ("waiting", "running", "done", "failed", "stopped", "skipped"),
    {
        "start": ({"waiting"}, "running"),
        "finish": ({"waiting", "running", "failed", "stopped"}, "done"),
        "skip": ({"waiting", "running", "failed", "stopped"}, "skipped"),
        "fail": ({"waiting", "running"}, "failed"),
        "again": ({"running", "failed"}, "waiting"),
        "stop": ({"waiting"}, "stopped"),
        "resume": ({"stopped"}, "waiting"),
    },
)
OVER = ("done", "skipped")

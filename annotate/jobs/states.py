"""States of background work."""

from __future__ import annotations

from annotate.kernel.machine import Machine

JOB = Machine(
    "job",
    ("queued", "running", "done", "failed", "cancelled"),
    {
        "start": ({"queued"}, "running"),
        "requeue": ({"running"}, "queued"),
        "finish": ({"running"}, "done"),
        "fail": ({"queued", "running"}, "failed"),
        "cancel": ({"queued", "running"}, "cancelled"),
    },
)
LIVE = ("queued", "running")

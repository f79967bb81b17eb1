"""Kinds of qualifications, and states of the runs that tell who has one."""

from __future__ import annotations

from annotate.kernel.machine import Machine

KINDS = ("label", "language", "other")
RUN = Machine(
    "qualifying run",
    ("running", "passed", "failed"),
    {"pass": ({"running"}, "passed"), "fail": ({"running"}, "failed")},
)

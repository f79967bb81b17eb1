"""States of a check run, of its findings, and of a batch's gate."""

from __future__ import annotations

from annotate.kernel.machine import Machine

# A run that is checked is a dry run: nothing is changed by it until it is applied.
CHECK_RUN = Machine(
    "check run",
    ("checking", "checked", "applying", "applied", "undoing", "undone", "failed"),
    {
        "check": ({"checking"}, "checked"),
        "again": ({"checked", "failed"}, "checking"),
        "fail": ({"checking"}, "failed"),
        "apply": ({"checked", "undone"}, "applying"),
        "finish": ({"applying"}, "applied"),
        "undo": ({"applying", "applied"}, "undoing"),
        "restore": ({"undoing"}, "undone"),
    },
)
BUSY = ("checking", "applying", "undoing")  # of a run: a job is at it
# `waived`: a person has restored the item from this rule before, so it is not acted on again.
FINDING = Machine(
    "finding",
    ("found", "waived", "applied", "restored", "undone"),
    {
        "apply": ({"found", "undone"}, "applied"),
        "waive": ({"found", "undone"}, "waived"),
        "restore": ({"applied"}, "restored"),
        "undo": ({"applied"}, "undone"),
    },
)
GATE = Machine(
    "gate",
    ("waiting", "shut", "open"),
    {
        "shut": ({"waiting", "shut"}, "shut"),
        "pass": ({"waiting", "shut"}, "open"),
        "wait": ({"shut", "open"}, "waiting"),
    },
)

"""States of a version and of an export."""

from __future__ import annotations

from annotate.kernel.machine import Machine

VERSION = Machine(
    "version",
    ("cutting", "frozen", "failed", "withdrawn"),
    {
        "freeze": ({"cutting"}, "frozen"),
        "fail": ({"cutting"}, "failed"),
        "withdraw": ({"frozen"}, "withdrawn"),
    },
)

EXPORT = Machine(
    "export",
    ("making", "ready", "failed"),
    {
        "finish": ({"making"}, "ready"),
        "fail": ({"making"}, "failed"),
        "remake": ({"ready"}, "making"),  # an item was erased: its content leaves the files
    },
)

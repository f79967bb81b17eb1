"""What becomes of handing a batch out."""

from __future__ import annotations

from annotate.kernel.machine import Machine

HANDING = Machine(
    "hand-out",
    ("running", "done", "undone"),
    {"finish": ({"running"}, "done"), "undo": ({"done"}, "undone")},
)
MODES = ("even", "shares")

"""States of a schema change, and what may become of a revision under it."""

from __future__ import annotations

from annotate.kernel.machine import Machine

CHANGE = Machine(
    "schema change",
    ("running", "done", "undoing", "undone"),
    {
        "finish": ({"running"}, "done"),
        "undo": ({"running", "done"}, "undoing"),
        "restore": ({"undoing"}, "undone"),
    },
)
AT_WORK = ("running", "undoing")
# waiting: a reviewer looks at it just now. kept: it stays under the version it was made under. left: what it says has no place in the version before the change.
OUTCOMES = ("waiting", "mapped", "kept", "restored", "left")

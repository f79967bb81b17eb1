"""What becomes of a run of the consensus, and of each item in it."""

from __future__ import annotations

from annotate.kernel.machine import Machine

CONSENSUS_RUN = Machine(
    "consensus run",
    ("deciding", "decided", "undoing", "undone"),
    {
        "decide": ({"deciding"}, "decided"),
        "undo": ({"deciding", "decided"}, "undoing"),  # one whose job has ended without a result can be undone too
        "restore": ({"undoing"}, "undone"),
    },
)
DECIDED = "decided"
# Why an item that several were asked about is left, in the order in which it is asked; the last four come of deciding.
LEFT = ("unfinished", "withdrawn", "held", "in_round", "at_review", "changed", "tie", "below_quorum", "invalid", "moved")
# Why an item keeps its consensus when its run is undone: something newer stands on it.
KEPT = ("erased", "withdrawn", "labelled", "judged", "at_review", "in_round", "gold", "in_version")

"""What can be done to what is marked on the wall, what becomes of such an act, and of each item in it."""

from __future__ import annotations

from annotate.kernel.machine import Machine

ACTS = ("relabel", "return", "queue")
WALL_ACT = Machine(
    "act on the wall",
    ("running", "done", "undoing", "undone"),
    {
        "finish": ({"running"}, "done"),
        "undo": ({"done"}, "undoing"),
        "restore": ({"undoing"}, "undone"),
    },
)
# Why an item is left out of an act, in words of the API; `wording` says them to people.
LEFT_OUT = (
    "erased", "stale", "withdrawn", "returned", "in_review", "in_round", "several", "own_work", "same", "unfit", "moved",
    "there", "not_reached",
)  # fmt: skip
OUTCOMES = ("planned", "changed", "undone", "left", *LEFT_OUT)
ORDERS = ("newest", "smallest", "largest", "score", "person", "disagreement")

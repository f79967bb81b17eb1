"""States of a queue, of a task and of an act on many. Being worked on is a live lease, not a state."""

from __future__ import annotations

from annotate.kernel.machine import Machine

STAGES = ("annotate", "review", "adjudicate")

QUEUE = Machine(
    "queue",
    ("open", "paused", "closed"),
    {"pause": ({"open"}, "paused"), "resume": ({"paused"}, "open"), "close": ({"open", "paused"}, "closed")},
)

TASK = Machine(
    "task",
    ("open", "answered", "returned", "parked", "void"),
    {
        "answer": ({"open", "returned"}, "answered"),
        "return": ({"answered"}, "returned"),
        "free": ({"returned", "parked"}, "open"),
        "park": ({"open", "returned"}, "parked"),
        "resume": ({"parked"}, "returned"),
        "unanswer": ({"answered"}, "open"),
        "unreturn": ({"returned", "open", "parked"}, "answered"),
        "void": ({"open", "returned", "parked"}, "void"),
    },
)
# Acts on many tasks at once, and what becomes of such an act.
ACTS = ("assign", "release", "prioritise", "send_back", "void")
BULK = Machine(
    "bulk act",
    ("running", "done", "undoing", "undone"),
    {
        "finish": ({"running"}, "done"),
        "undo": ({"done"}, "undoing"),
        "restore": ({"undoing"}, "undone"),
    },
)
PAUSE_CAUSES = ("hand", "skill")  # who paused a person: a manager, or a rule on what their gold answers say
SERVED = ("open", "returned")  # what `next` may hand out

"""States of a queue and of a task. Being worked on is a live lease, not a state."""

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
        "unreturn": ({"returned", "open"}, "answered"),
        "void": ({"open", "returned", "parked"}, "void"),
    },
)
SERVED = ("open", "returned")  # what `next` may hand out

"""States of a dispute about returned work."""

from __future__ import annotations

from annotate.kernel.machine import Machine

DISPUTE = Machine(
    "dispute",
    ("open", "upheld", "overturned", "withdrawn"),
    {
        "uphold": ({"open"}, "upheld"),
        "overturn": ({"open"}, "overturned"),
        "withdraw": ({"open"}, "withdrawn"),
    },
)

"""States of a delivery."""

from __future__ import annotations

from annotate.kernel.machine import Machine

DELIVERY = Machine(
    "delivery",
    ("waiting", "delivered", "failed"),
    {
        "deliver": ({"waiting"}, "delivered"),
        "give_up": ({"waiting"}, "failed"),
        "again": ({"failed", "delivered"}, "waiting"),
    },
)

"""States of batches and items. Where an item stands on the line (its *stage*) is derived, not stored."""

from __future__ import annotations

from annotate.kernel.machine import Machine

BATCH = Machine(
    "batch",
    ("open", "sealed"),
    {"seal": ({"open"}, "sealed"), "reopen": ({"sealed"}, "open")},
)

# `approved` stays while an approved item is labelled again: only another approval or a withdrawal moves it.
ITEM = Machine(
    "item",
    ("new", "labelled", "returned", "approved", "withdrawn", "erased"),
    {
        "submit": ({"new", "labelled", "returned", "withdrawn"}, "labelled"),
        "return": ({"labelled"}, "returned"),
        "approve": ({"new", "labelled", "returned", "approved", "withdrawn"}, "approved"),
        "withdraw": ({"approved"}, "withdrawn"),
        "unapprove": ({"approved"}, "labelled"),
        "unreturn": ({"returned"}, "labelled"),
        "erase": ({"new", "labelled", "returned", "approved", "withdrawn"}, "erased"),
    },
)

"""Where an item stands on the line, derived from its state: nothing of this is stored."""

from __future__ import annotations

from annotate.items.models import Item

STAGE_OF = {
    "new": "label",
    "returned": "label",
    "labelled": "review",
    "approved": "approved",
    "withdrawn": "label",
    "erased": "erased",
}


def stage(item: Item) -> str:
    """The stage of one item; lists and queries use the search field of the same name."""
    return STAGE_OF[item.state]

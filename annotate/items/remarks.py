"""The holds that keep an item back, for those who see the item pages."""

from __future__ import annotations

from typing import Any

from annotate.items.models import Item
from annotate.items.queries import sees_all
from annotate.items.related import rows
from annotate.people.actor import Actor


def holds(actor: Actor, item: Item) -> list[Any]:
    """Holds that have not ended."""
    if not sees_all(actor, item.project):
        return []
    return list(rows("Hold").filter(item=item, ended_at=None).select_related("created_by").order_by("id"))

"""What rooms above this one put onto the pages of an item and of a batch: each fills a named place, since this room does not know them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annotate.items.models import Batch, Item
from annotate.kernel.pages import PageRequest
from annotate.kernel.registry import Registry


@dataclass(frozen=True)
class Part:
    """A template of the room that fills the place, and what it is rendered with (as `part`)."""

    template: str
    context: Mapping[str, Any]


# place → f(request, item, form that was refused or None): the part, or None when this person gets nothing there.
# "findings" stands above the picture, "consensus" and "remarks" under it, "standing" beside it.
parts: Registry[Callable[[PageRequest, Item, Any], Part | None]] = Registry("item parts")
# The same for a batch: "way", "checks", "release" and "rounds" stand beside what came in.
batch_parts: Registry[Callable[[PageRequest, Batch, Any], Part | None]] = Registry("batch parts")


def filled(request: PageRequest, item: Item, refused: Mapping[str, Any]) -> dict[str, Part]:
    """Place → part for one item; `refused` has the forms, by place, that go back to who typed them."""
    found = {place: fill(request, item, refused.get(place)) for place, fill in parts}
    return {place: part for place, part in found.items() if part is not None}


def batch_filled(request: PageRequest, batch: Batch, refused: Mapping[str, Any]) -> dict[str, Part]:
    """The same for one batch."""
    found = {place: fill(request, batch, refused.get(place)) for place, fill in batch_parts}
    return {place: part for place, part in found.items() if part is not None}

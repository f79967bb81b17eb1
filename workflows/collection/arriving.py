"""Who wants to know that an import brought items into a batch: rooms above register here."""

from __future__ import annotations

from collections.abc import Callable

from annotate.items.models import Batch
from annotate.kernel.registry import Registry
from annotate.people.actor import Actor

arrived: Registry[Callable[[Batch, Actor | None], None]] = Registry("arrived")


def tell(batch: Batch, by: Actor | None) -> None:
    for _name, listener in arrived:
        listener(batch, by)

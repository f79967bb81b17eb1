"""Whether queues take a batch's items up. Who shuts and opens its gate, and why, is the matter of rooms above."""

from __future__ import annotations

from collections.abc import Callable

from annotate.items.models import Batch
from annotate.kernel.registry import Registry

# name → f(batch id): items come into it, within the transaction that adds them and has the batch locked.
newcomers: Registry[Callable[[int], object]] = Registry("newcomers")


def set_gated(batch_id: int, gated: bool) -> bool:
    """True when that changed something. Tasks that were made before stay, and are served."""
    return bool(Batch.objects.filter(pk=batch_id, gated=not gated).update(gated=gated))

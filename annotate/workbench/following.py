"""What comes after an answer or a verdict, in the same round trip."""

from __future__ import annotations

from typing import Any

from annotate.kernel.errors import SluiceError
from annotate.people.actor import Actor
from annotate.workbench.bundle import serve


def following(queue_id: int, actor: Actor) -> dict[str, Any] | None:
    """The next bundle, or None; the answer is in already, so what forbids another task is no error of this call."""
    try:
        return serve(queue_id, actor)
    except SluiceError:
        return None

"""What comes after an answer or a verdict, in the same round trip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import OperationalError

from annotate.kernel.deadlocks import is_deadlock
from annotate.kernel.errors import SluiceError
from annotate.people.actor import Actor
from annotate.queues.models import Lease
from annotate.queues.submit import Follow, Submitted
from annotate.workbench.bundle import read, serve, shown


def following(queue_id: int, actor: Actor) -> dict[str, Any] | None:
    """The next bundle, or None; the answer is in already, so what forbids another task is no error of this call."""
    try:
        return serve(queue_id, actor)
    except SluiceError:
        return None


def answered(answer: Callable[[Follow | None], Submitted], actor: Actor) -> tuple[Submitted, dict[str, Any] | None]:
    """What `answer(follow)` submits, with the next bundle: of one transaction where that can be, else of the one after it.

    When two wait for each other in the one transaction, the answer is given again, alone.
    """
    rows: list[tuple[Any, ...]] = []

    def follow(lease: Lease) -> None:
        rows.append(read(lease, commits=True))

    try:
        done = answer(follow)
    except OperationalError as error:
        if not is_deadlock(error):
            raise
        rows.clear()
        done = answer(None)
    return done, shown(rows[-1]) if rows else following(done.queue_id, actor)

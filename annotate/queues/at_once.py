"""The next task in the transaction that answered the last one: what `claim` does nearly always, without waiting for anybody.

That transaction holds the locks of an answer, so here nobody waits: whatever is not as always is left to `claim.next_task`, once the answer is in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from annotate.kernel.errors import SluiceError
from annotate.people.actor import Actor
from annotate.queues.claim import CONTEXT, LOCK, Context, admit, fresh
from annotate.queues.models import Lease

_LOCK_OR_NOT = LOCK.replace("pg_advisory_xact_lock", "pg_try_advisory_xact_lock")


def asking(queue_id: int, actor: Actor) -> list[tuple[str, dict[str, Any]]]:
    """Statements for `next_at_once`, to be sent along with those that go before it."""
    values = {"person": actor.person_id, "queue": queue_id}
    return [(_LOCK_OR_NOT, values), (CONTEXT, values)]


def next_at_once(
    queue_id: int, actor: Actor, said: Sequence[Sequence[tuple[Any, ...]]], then: Callable[[Lease], object]
) -> Lease | None:
    """What `next_task` does nearly always, in a transaction that holds other locks already, and so without waiting for anybody.

    `said` are the answers to `asking`. None where it is not as always, or another was faster: the caller ends the transaction and asks `next_task`.
    """
    (locked, *_rest), found = said[0][0], said[1]
    if not locked or not found:
        return None
    context = Context(*found[0])
    if context.paused or context.holds or context.gold or context.begun is not None or context.run is not None:
        return None
    try:
        admit(context, actor, finishing=False)
    except SluiceError:
        return None
    values = {"person": actor.person_id, "queue": queue_id}
    lease = fresh(context, actor, values, 0, False, True, only=False, mixes=False)
    if not isinstance(lease, Lease):
        return None
    then(lease)
    return lease

"""Items that are judged apart: a room above this one plans their judging as a whole, so no other review queue takes them up."""

from __future__ import annotations

from annotate.kernel.registry import Registry

# name → SQL that is true of an item `i` which the queue {queue} is to leave alone.
apart: Registry[str] = Registry("judged apart")


def leave_alone(queue_id: int | None) -> str:
    """Conditions, each after an AND, that keep such items out of a review queue; "" when nothing is judged apart."""
    return "".join(f"\n  AND NOT ({condition.format(queue=int(queue_id or 0))})" for _name, condition in apart)

"""A batch of references that is labelled, for tests that commit: several connections look at it at once."""

from __future__ import annotations

from typing import Any

from annotate.items.services import NewItem, add_items, create_batch
from annotate.queues.services import create_queue
from tests.conftest import make_world
from tests.rounds.conftest import Line


def labelled(n: int) -> Any:
    """`n` items that the annotator answered."""
    world = make_world()
    by = world.actor(world.owner)
    batch = create_batch(world.project, "march", by=by)
    add_items(batch, [NewItem(key=f"{at}", uri=f"s3://b/{at}.jpg", width=64, height=48) for at in range(n)], by=by)
    made = Line(world, batch, create_queue(world.project, "label", stage="annotate", by=by))
    made.label(*[world.annotator] * n)
    return made

"""A labelled item on its way through review."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.queues.conftest import a_box, a_document, answer, queue_of

__all__ = ["a_box", "a_document", "answer", "queue_of"]


@dataclass
class Desk:
    """An annotate and a review queue over one labelled item, and the reviewer's lease on it."""

    world: Any
    annotate: Any
    queue: Any
    item: Any
    done: Any
    lease: Any

    @property
    def seen(self) -> Any:
        from annotate.annotations.models import Annotation

        return Annotation.objects.get(pk=self.done.annotation_id)

    def judge(self, verdict: str = "accept", by: Any = None, **more: Any) -> Any:
        from annotate.reviews.services import review

        return review(self.lease.pk, self.world.actor(by or self.world.reviewer), verdict, **more)

    def state(self) -> str:
        self.item.refresh_from_db()
        return str(self.item.state)


@pytest.fixture
def desk(world: Any, make_items: Any, queue_of: Any, answer: Any) -> Desk:
    from annotate.queues.claim import next_task

    [item] = make_items(1)
    annotate, queue = queue_of(), queue_of("review")
    done = answer(annotate, world.annotator)
    return Desk(world, annotate, queue, item, done, next_task(queue, world.actor(world.reviewer)))


@pytest.fixture
def imported(world: Any, make_items: Any) -> Callable[..., Any]:
    """`imported(approved=False)`: an item with one box that came with it; (item, annotation)."""

    def make(*, approved: bool = False, **over: Any) -> Any:
        from annotate.annotations.models import Annotation
        from annotate.annotations.services import ImportedAnnotation, add_imported
        from annotate.projects.queries import current_schema

        [item] = make_items(1, **over)
        schema = current_schema(world.project.pk).pk
        add_imported([ImportedAnnotation(item.pk, a_document(), schema, approved)], by=world.actor(world.owner))
        return item, Annotation.objects.get(item=item)

    return make

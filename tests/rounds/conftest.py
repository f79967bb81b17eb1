"""A batch whose items were answered, and a round over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.queues.conftest import a_box, a_document, answer, queue_of

__all__ = ["a_box", "a_document", "answer", "queue_of"]


@dataclass
class Line:
    """The batch, its annotate queue and its items by key; people label and judge by the services of real work."""

    world: Any
    batch: Any
    annotate: Any
    items: list[Any] = field(default_factory=list)

    def label(self, *authors: Any, labels: tuple[str, ...] = ("car",)) -> None:
        """Each takes the next task of the annotate queue and answers it."""
        from annotate.queues.claim import next_task
        from annotate.queues.submit import submit

        for author in authors:
            lease = next_task(self.annotate, self.world.actor(author))
            assert lease is not None
            submit(lease.pk, self.world.actor(author), a_document(*labels), 3.5)

    def plan(self, kind: str = "percent", value: Any = 50, *, seed: int = 7, by: str = "", person: Any = None, **more: Any) -> Any:
        from workflows.rounds import planning
        from workflows.rounds.sampling import Plan

        wish = planning.Wish(self.batch, Plan(kind, value, seed, by), **more)
        return planning.plan(wish, by=self.world.actor(person or self.world.manager))

    def preview(self, kind: str = "percent", value: Any = 50, *, seed: int = 7, by: str = "", **more: Any) -> Any:
        from workflows.rounds import planning
        from workflows.rounds.sampling import Plan

        return planning.preview(planning.Wish(self.batch, Plan(kind, value, seed, by), **more), by=self.world.actor(self.world.manager))

    def judge(self, made: Any, *verdicts: str, by: Any = None) -> list[Any]:
        """Verdicts on what the round's queue hands out, one after the other."""
        from annotate.queues.claim import next_task
        from annotate.reviews.services import review

        actor, done = self.world.actor(by or self.world.reviewer), []
        for verdict in verdicts:
            lease = next_task(made.queue_id, actor)
            assert lease is not None, "nothing is handed out"
            more: dict[str, Any] = {}
            if verdict == "return":
                more["reason"] = "missing: two cars"
            elif verdict != "accept":
                more["annotation"] = lease.annotation.content if verdict == "same" else a_document("sign", "sign")
            done.append(review(lease.pk, actor, {"same": "fix"}.get(verdict, verdict), **more))
        return done

    def states(self) -> dict[str, int]:
        from django.db.models import Count

        from annotate.items.models import Item

        return dict(Item.objects.filter(batch=self.batch).order_by().values_list("state").annotate(n=Count("pk")))


@pytest.fixture
def line(world: Any, make_items: Any, queue_of: Any) -> Callable[..., Line]:
    """`line(8)`: a batch of so many items that the annotator answered; `line(3, authors=[…])`: by whom each."""

    def make(n: int, authors: Any = None, **settings: Any) -> Line:
        items = make_items(n)
        made = Line(world, items[0].batch, queue_of(**settings), items) if items else None
        assert made is not None
        made.label(*(authors if authors is not None else [world.annotator] * n))
        return made

    return make


def fresh(made: Any) -> Any:
    return type(made).objects.select_related("batch__project", "queue").get(pk=made.pk)

"""A project with a declared flow, whose batches people fill and answer by the services of real work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.queues.conftest import a_document

ROUND = {"sample": {"kind": "percent", "value": 50, "seed": 7}, "pass_mark": 0.5}
FLOW: dict[str, Any] = {"gate": {"bar": 0.5}, "annotate": {"overlap": 1}, "review": [ROUND], "release": {"dataset": "tour", "splits": {}}}
ALL = ("checks", "gate", "queue", "round", "version")


@dataclass
class Bench:
    """The world's project with a dataset, and what a manager, an annotator and a reviewer do in it."""

    world: Any
    make_items: Callable[..., list[Any]]

    @property
    def project(self) -> Any:
        return self.world.project

    @property
    def by(self) -> Any:
        return self.world.actor(self.world.manager)

    def declare(self, **parts: Any) -> Any:
        from workflows.automation.flows import declare
        from workflows.releases.models import Dataset
        from workflows.releases.services import create_dataset

        if not Dataset.objects.filter(project=self.project).exists():
            create_dataset(self.project, "tour", by=self.by)
        return declare(self.project, FLOW | parts, by=self.by)

    def on(self, *kinds: str, by: Any = None) -> None:
        from workflows.automation.switching import switch

        for kind in kinds or ALL:
            switch(self.project, kind, on=True, by=by or self.by)

    def rules(self) -> None:
        from workflows.cleaning.services import create_rule

        create_rule(self.project, name="night", kind="dark", action="flag", by=self.by)

    def batch(self, n: int = 4, name: str = "march") -> Any:
        from annotate.items.services import create_batch

        batch = create_batch(self.project, name, by=self.by)
        self.make_items(n, batch)
        return batch

    def seal(self, batch: Any) -> Any:
        """Sealed, and heard of."""
        from annotate.activity.models import Activity
        from annotate.items.services import seal
        from workflows.automation import news
        from workflows.automation.models import Passage

        seal(batch, by=self.by)
        news._heard(Activity.objects.filter(verb="batch.seal", noun_id=batch.pk).order_by("-id")[0])
        return Passage.objects.filter(batch=batch, ended_at=None).first()

    def go(self) -> None:
        """All background work until none is left, as the clock would ask for it."""
        from annotate.jobs.models import Job
        from annotate.jobs.services import execute
        from workflows.automation import news
        from workflows.rounds.deciding import decide_some

        for _each in range(30):
            decide_some()
            if news._could_move(self.project):
                news.ask(self.project)
            waiting = list(Job.objects.filter(state="queued").order_by("id").values_list("pk", flat=True))
            if not waiting:
                return
            for job in waiting:
                execute(job)
        raise AssertionError("it does not come to rest")

    def label(self, batch: Any, *labels: str) -> int:
        """The annotator answers all that is handed out of any queue."""
        from annotate.queues.claim import next_task
        from annotate.queues.models import Queue
        from annotate.queues.submit import submit

        done = 0
        for queue in Queue.objects.filter(project=self.project, stage="annotate", state="open").order_by("pk"):
            while (lease := next_task(queue, self.world.actor(self.world.annotator))) is not None:
                submit(lease.pk, self.world.actor(self.world.annotator), a_document(*(labels or ("car",))), 3.5)
                done += 1
        return done

    def judge(self, verdict: str = "accept", most: int = 100) -> int:
        """The reviewer judges all that is handed out."""
        from annotate.queues.claim import next_task
        from annotate.queues.models import Queue
        from annotate.reviews.services import review

        done, actor = 0, self.world.actor(self.world.reviewer)
        more = {"reason": "missing: one"} if verdict == "return" else {}
        for queue in Queue.objects.filter(project=self.project, stage="review", state="open").order_by("pk"):
            while done < most and (lease := next_task(queue, actor)) is not None:
                review(lease.pk, actor, verdict, **more)
                done += 1
        return done

    def steps(self, batch: Any) -> dict[str, str]:
        """Step → its state, of the newest passage."""
        from workflows.automation.models import Passage
        from workflows.automation.passages import in_order

        passage = Passage.objects.filter(batch=batch).order_by("-number")[0]
        return {step.kind if step.number == 1 else f"{step.kind} {step.number}": step.state for step in in_order(list(passage.steps.all()))}

    def step(self, batch: Any, kind: str, number: int = 1) -> Any:
        from workflows.automation.models import Step

        return Step.objects.select_related("round", "queue", "version", "check_run").filter(passage__batch=batch, kind=kind, number=number).order_by("-id")[0]


@pytest.fixture
def bench(world: Any, make_items: Any) -> Bench:
    return Bench(world, make_items)

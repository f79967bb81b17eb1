"""Whatever people do, real work is done in full beside gold, and what they answer to gold goes nowhere but into their scores."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.gold.services import add_gold
from annotate.items.models import Item
from annotate.kernel.errors import Conflict
from annotate.queues import queries
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.leases import release, skip
from annotate.queues.mixing import FIRST
from annotate.queues.models import Lease, Skip, Task
from annotate.queues.overview import standings
from annotate.queues.reopening import reopen
from annotate.queues.submit import submit
from tests.queues.conftest import a_document, queue_of  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db
PERCENT, OVERLAP = 30, 2


class Walk:
    """Three people who claim, answer, skip, give back and open again at random, until nobody is handed anything."""

    def __init__(self, world: Any, queue: Any, seed: int) -> None:
        self.draw, self.queue = random.Random(seed), queue
        self.actors = [world.actor(person) for person in (world.annotator, world.annotator2, world.reviewer)]
        self.claims: list[tuple[float, bool]] = []  # the chance that it would be gold, and whether it was
        self.seen: set[int] = set()

    def chance(self, actor: Any) -> float:
        answered = Task.objects.filter(queue=self.queue, person_id=actor.person_id, state="answered").count()
        return PERCENT / 100 * (2 if answered < FIRST else 1)

    def step(self, actor: Any) -> bool:
        chance = self.chance(actor)
        lease = next_task(self.queue, actor)
        if lease is None:
            return False
        task = Task.objects.get(pk=lease.task_id)
        fresh = task.pk not in self.seen and task.state == "open"
        if fresh and (task.gold or not task.leases.exclude(pk=lease.pk).exists()):
            self.claims.append((chance, task.gold))
        self.seen.add(task.pk)
        what = self.draw.random()
        if what < 0.06:
            skip(lease.pk, actor, reason="dark")
        elif what < 0.1:
            release(lease.pk, actor)
        else:
            submit(lease.pk, actor, a_document(*self.draw.choices(["car", "person"], k=self.draw.randint(0, 2))), 2.0)
            if what > 0.95:
                try:
                    reopen(lease.task_id, actor)
                except Conflict:
                    pass
        return True

    def run(self) -> None:
        done: set[int] = set()
        while len(done) < len(self.actors):
            actor = self.draw.choice(self.actors)
            if self.step(actor):
                done.clear()
            else:
                done.add(actor.person_id)


@pytest.mark.parametrize("seed", range(4))
def test_real_work_is_done_in_full_and_gold_goes_no_further(
    world: Any, make_items: Any, approved: Any, queue_of: Any, run_jobs: Callable[[], int], seed: int  # noqa: F811
) -> None:
    real = {item.pk for item in make_items(24)}
    queue, review = queue_of(q="state = new", gold_percent=PERCENT, overlap=OVERLAP), queue_of("review")
    fill(queue.pk)
    golden = make_items(40)
    truths = {item.pk: approved(item, "car") for item in golden}
    add_gold(world.project, truths, by=world.actor(world.manager))
    walk = Walk(world, queue, seed)
    walk.run()

    passed = Counter(Skip.objects.filter(item__in=real).values_list("item_id", flat=True))
    for item in real:
        tasks = list(Task.objects.filter(queue=queue, item=item, gold=False))
        assert len(tasks) == OVERLAP
        answered = [task for task in tasks if task.state == "answered"]
        assert len({task.person_id for task in answered}) == len(answered) >= min(OVERLAP, 3 - passed[item])
    given = list(Task.objects.filter(gold=True))
    assert {task.state for task in given} <= {"answered", "void"}
    assert max(Counter((task.person_id, task.item_id) for task in given if task.person_id).values()) == 1
    assert not Lease.objects.filter(task__in=given).exclude(item__in=truths).exists()

    answers = Annotation.objects.filter(source="gold")
    assert {(one.task.person_id, one.item_id) for one in answers.select_related("task")} == {
        (task.person_id, task.item_id) for task in given if task.state == "answered"
    }
    assert not Annotation.objects.filter(task__gold=True).exclude(source="gold").exists()
    assert set(Item.objects.filter(pk__in=truths).values_list("state", flat=True)) == {"approved"}
    assert dict(CurrentAnnotation.objects.filter(item__in=truths).values_list("item_id", "annotation_id")) == truths
    counted, standing = queries.counts([queue.pk])[queue.pk], standings([queue.pk])[queue.pk]
    assert counted.answered == standing.answered == Task.objects.filter(queue=queue, item__in=real, state="answered").count()

    fill(review.pk)
    assert set(Task.objects.filter(queue=review).values_list("item_id", flat=True)) <= real
    assert not Task.objects.filter(queue=review, annotation__source="gold").exists()
    assert _released(world, run_jobs) == set(truths.values())

    expected = sum(chance for chance, _gold in walk.claims)
    spread = math.sqrt(sum(chance * (1 - chance) for chance, _gold in walk.claims))
    assert abs(sum(gold for _chance, gold in walk.claims) - expected) <= 5 * spread + 1


def _released(world: Any, run_jobs: Callable[[], int]) -> set[int]:
    """The annotations of a version of all that is approved."""
    from workflows.releases import services as releases
    from workflows.releases.models import Version
    from workflows.releases.reading import rows

    by = world.actor(world.owner)
    dataset = releases.create_dataset(world.project, "all", by=by)
    releases.cut(dataset, message="first", by=by)
    run_jobs()
    return {row.annotation_id for row in rows(Version.objects.get(dataset=dataset, state="frozen"))}

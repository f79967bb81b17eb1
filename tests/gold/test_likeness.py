"""What becomes of an answer to gold as time goes by is what becomes of the work beside it: else time would tell them apart."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from annotate.gold.services import add_gold
from annotate.kernel.errors import Conflict
from annotate.queues import queries
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Lease, Queue, Task
from annotate.queues.reopening import reopen
from annotate.queues.submit import submit
from annotate.reviews.services import review
from tests.queues.conftest import a_document, queue_of  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(world: Any, make_items: Any, approved: Any, queue_of: Any) -> Any:  # noqa: F811
    make_items(4)
    made = queue_of(q="state = new", name="label")
    fill(made.pk)
    items = make_items(4)
    for item in items:
        approved(item)
    add_gold(world.project, [item.pk for item in items], by=world.actor(world.manager))
    return made


def worked(world: Any, queue: Any, *, gold: bool) -> Task:
    Queue.objects.filter(pk=queue.pk).update(gold_percent=100 if gold else 0)
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    submit(lease.pk, world.actor(world.annotator), a_document(), 2.0)
    Queue.objects.filter(pk=queue.pk).update(gold_percent=10)
    task = Task.objects.get(pk=lease.task_id)
    assert task.gold is gold
    return task


def opened(world: Any, queue_of: Any, minutes: int = 0) -> Lease:  # noqa: F811
    """A reviewer's lease on the first answer to judge, taken so long after that was given."""
    judging = queue_of("review")
    fill(judging.pk)
    lease = next_task(judging, world.actor(world.reviewer))
    assert lease is not None
    assert lease.annotation is not None
    Lease.objects.filter(pk=lease.pk).update(created_at=lease.annotation.created_at + dt.timedelta(minutes=minutes))
    return lease


def told(world: Any, queue: Any, task: Task) -> Any:
    """All that changes of an answer in its author's eyes."""
    mine = next(row for row in queries.mine(world.actor(world.annotator), queue) if row["task"] == task.pk)
    state = world.api(world.annotator).get(f"/items/{task.item_id}").json()["state"]
    return mine["shut"], mine["reopen"], mine["state"], state


def test_gold_is_opened_and_approved_with_the_work_beside_it(world: Any, queue: Any, queue_of: Any) -> None:  # noqa: F811
    work, gold = worked(world, queue, gold=False), worked(world, queue, gold=True)
    later, rosa = worked(world, queue, gold=True), world.actor(world.reviewer)
    tasks = (work, gold, later)
    assert {told(world, queue, task) for task in tasks} == {("", True, "answered", "labelled")}
    lease = opened(world, queue_of)
    assert lease.item_id == work.item_id
    assert [told(world, queue, task) for task in tasks] == [("opened", False, "answered", "labelled")] * 3
    for task in tasks:
        with pytest.raises(Conflict) as refused:
            reopen(task.pk, world.actor(world.annotator))
        assert refused.value.code == "opened_by_reviewer"
    review(lease.pk, rosa, "accept")
    assert {told(world, queue, task) for task in tasks} == {("opened", False, "answered", "approved")}


def test_gold_is_opened_as_long_after_it_was_given_and_no_sooner(world: Any, queue: Any, queue_of: Any) -> None:  # noqa: F811
    work = worked(world, queue, gold=False)
    lease = opened(world, queue_of, minutes=60)
    assert told(world, queue, work)[0] == "opened"
    gold = worked(world, queue, gold=True)
    assert told(world, queue, gold)[:2] == ("", True)
    again = reopen(gold.pk, world.actor(world.annotator))
    submit(again.pk, world.actor(world.annotator), a_document("person"))
    gold.refresh_from_db()
    Lease.objects.filter(pk=lease.pk).update(created_at=lease.created_at - dt.timedelta(minutes=1))
    assert told(world, queue, gold)[:2] == ("opened", False)


def test_the_first_answers_go_with_the_work_after_them_and_alone_they_stay_open(world: Any, queue: Any, queue_of: Any) -> None:  # noqa: F811
    gold = worked(world, queue, gold=True)
    assert told(world, queue, gold) == ("", True, "answered", "labelled")
    worked(world, queue, gold=False)
    assert told(world, queue, gold) == ("", True, "answered", "labelled")
    opened(world, queue_of)
    assert told(world, queue, gold) == ("opened", False, "answered", "labelled")


def test_work_that_was_answered_again_takes_its_gold_along(world: Any, queue: Any, queue_of: Any) -> None:  # noqa: F811
    work, gold = worked(world, queue, gold=False), worked(world, queue, gold=True)
    again = reopen(work.pk, world.actor(world.annotator))
    submit(again.pk, world.actor(world.annotator), a_document("person"))
    opened(world, queue_of)
    assert told(world, queue, work)[:2] == told(world, queue, gold)[:2] == ("opened", False)


def test_another_persons_work_and_that_of_other_queues_tells_nothing(world: Any, queue: Any, queue_of: Any) -> None:  # noqa: F811
    gold = worked(world, queue, gold=True)
    other = queue_of(q="state = new", name="other")
    Queue.objects.filter(pk=queue.pk).update(gold_percent=0)
    for place, person in ((queue, world.annotator2), (other, world.annotator)):
        fill(place.pk)
        lease = next_task(place, world.actor(person))
        assert lease is not None
        submit(lease.pk, world.actor(person), a_document(), 2.0)
    judging = queue_of("review")
    fill(judging.pk)
    for reviewer in (world.reviewer, world.manager):
        lease = next_task(judging, world.actor(reviewer))
        assert lease is not None
        assert lease.annotation is not None
        Lease.objects.filter(pk=lease.pk).update(created_at=lease.annotation.created_at)
    assert told(world, queue, gold) == ("", True, "answered", "labelled")

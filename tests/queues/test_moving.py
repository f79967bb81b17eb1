"""A person's open work: moved to another, or given back to all."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.activity.models import Activity
from annotate.kernel.errors import Conflict, Denied, Invalid, Missing
from annotate.queues.claim import next_task
from annotate.queues.drafts import save
from annotate.queues.leases import skip
from annotate.queues.models import Draft, Lease, Task
from annotate.queues.moving import move_work
from annotate.queues.reserving import reserve
from annotate.queues.submit import submit
from annotate.queues.tasks import send_back
from tests.queues.conftest import a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(world: Any, make_items: Any, queue_of: Any, answer: Any) -> Any:
    """The annotator has an item back, another one kept, and holds a third."""
    items = make_items(5)
    queue = queue_of()
    back = answer(queue, world.annotator)
    held = next_task(queue, world.actor(world.annotator))
    send_back(back.annotation_id)
    reserve(queue, [items[4].pk], world.annotator, by=world.actor(world.manager))
    assert held.item_id == items[1].pk
    return queue, items, held


def owner_of(queue: Any, item: Any) -> Any:
    task = Task.objects.get(queue=queue, item=item)
    return task.state, task.person_id


def test_all_of_it_goes_to_another_who_is_served_it_first(world: Any, line: Any) -> None:
    queue, items, held = line
    save(held.pk, world.actor(world.annotator), revision=0, document=a_document())
    found = move_work(world.project, world.annotator, to=world.annotator2, by=world.actor(world.manager))
    assert found.moved == {"reserved": 1, "returned": 1, "held": 1} and found.passed == {}
    for item in (items[0], items[1], items[4]):
        assert owner_of(queue, item) == ("open", world.annotator2.pk)
    held.refresh_from_db()
    assert held.ended_by == "move" and Draft.objects.filter(person=world.annotator).exists()
    with pytest.raises(Conflict):
        submit(held.pk, world.actor(world.annotator), a_document(), 1)
    assert next_task(queue, world.actor(world.annotator2)).item_id == items[0].pk
    assert next_task(queue, world.actor(world.annotator)).item_id == items[2].pk
    record = Activity.objects.get(verb="work.move")
    assert record.noun_id == world.annotator.pk and record.data["to"] == world.annotator2.pk and record.data["held"] == 1


def test_who_gets_returned_work_begins_afresh(world: Any, line: Any) -> None:
    queue, items, _held = line
    move_work(world.project, world.annotator, to=world.annotator2, kinds=["returned"], by=world.actor(world.manager))
    lease = next_task(queue, world.actor(world.annotator2))
    assert (lease.item_id, lease.annotation_id) == (items[0].pk, None)


def test_all_of_it_goes_back_to_everybody(world: Any, line: Any) -> None:
    queue, items, _held = line
    found = move_work(world.project, world.annotator, queue=queue, by=world.actor(world.manager))
    assert found.count == 3
    assert not Task.objects.filter(queue=queue).exclude(person=None).exists()
    assert not Lease.objects.filter(ended_at=None).exists()
    assert next_task(queue, world.actor(world.annotator2)).item_id == items[0].pk
    assert move_work(world.project, world.annotator, by=world.actor(world.manager)).count == 0
    assert Activity.objects.filter(verb="work.move").count() == 1


def test_only_what_is_named_moves(world: Any, line: Any, queue_of: Any, make_items: Any) -> None:
    queue, items, held = line
    move_work(world.project, world.annotator, to=world.annotator2, kinds=["reserved"], by=world.actor(world.manager))
    assert owner_of(queue, items[4]) == ("open", world.annotator2.pk)
    assert owner_of(queue, items[0]) == ("returned", world.annotator.pk)
    held.refresh_from_db()
    assert held.ended_at is None
    other = queue_of()
    assert move_work(world.project, world.annotator, queue=other, by=world.actor(world.manager)).count == 0


def test_what_the_other_may_not_be_served_stays(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    items = make_items(4)
    queue = queue_of(overlap=2)
    answer(queue, world.annotator2)
    actor2 = world.actor(world.annotator2)
    skip(next_task(queue, actor2).pk, actor2)
    reserve(queue, [item.pk for item in items], world.annotator, by=world.actor(world.manager))
    found = move_work(world.project, world.annotator, to=world.annotator2, by=world.actor(world.manager))
    assert found.moved == {"reserved": 2} and found.passed == {"has_one": 1, "skipped": 1}
    assert Task.objects.filter(queue=queue, person=world.annotator, state="open").count() == 2


def test_nobody_gets_their_own_work_to_judge(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    items = make_items(1)
    answer(queue_of(), world.reviewer)
    review = queue_of("review")
    reserve(review, [items[0].pk], world.manager, by=world.actor(world.manager))
    found = move_work(world.project, world.manager, to=world.reviewer, by=world.actor(world.owner))
    assert found.passed == {"own_work": 1} and not found.moved


def test_who_may_move_what_to_whom(world: Any, line: Any) -> None:
    by = world.actor(world.manager)
    for wrong in ({"to": world.viewer}, {"to": world.annotator}, {"to": world.outsider}, {"kinds": []}, {"kinds": ["all"]}):
        with pytest.raises(Invalid):
            move_work(world.project, world.annotator, by=by, **wrong)
    with pytest.raises(Denied):
        move_work(world.project, world.annotator, by=world.actor(world.reviewer))
    with pytest.raises(Missing):
        queue, _items, _held = line
        queue.project_id += 10**6
        move_work(world.project, world.annotator, queue=queue, by=by)

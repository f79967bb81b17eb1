"""Items sent to a queue whatever its query says, and called back."""

from __future__ import annotations

from typing import Any

import pytest

from annotate.items.gating import set_gated
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.models import Task
from annotate.queues.sending import call_back, send
from annotate.queues.services import change_queue

pytestmark = pytest.mark.django_db


def there(queue: Any) -> list[tuple[int, int]]:
    """(item, n) of the tasks that are not void."""
    return sorted(Task.objects.filter(queue=queue).exclude(state="void").values_list("item_id", "n"))


def test_an_item_gets_as_many_tasks_as_the_queue_asks_answers_for(queue_of: Any, make_items: Any) -> None:
    first, second = make_items(2)
    queue = queue_of(q="key = nothing", overlap=3)
    made = send(queue, [first.pk, second.pk, first.pk])
    assert there(queue) == [(item.pk, n) for item in (first, second) for n in (1, 2, 3)]
    assert {Task.objects.get(pk=task).n for task in made.values()} == {1} and set(made) == {first.pk, second.pk}
    assert send(queue, [first.pk]) == {}


def test_only_the_share_that_is_drawn_gets_more_than_one(queue_of: Any, make_items: Any) -> None:
    items = [item.pk for item in make_items(40)]
    sent, filled = queue_of(q="key = nothing", overlap=2, overlap_percent=50, overlap_seed=5), queue_of(overlap=2, overlap_percent=50, overlap_seed=5)
    send(sent, items)
    fill(filled.pk)
    assert there(sent) == there(filled) and 40 < len(there(sent)) < 80


def test_all_tasks_of_an_item_are_called_back_together(queue_of: Any, make_items: Any, world: Any) -> None:
    (item,) = make_items(1)
    queue = queue_of(q="key = nothing", overlap=2)
    made = send(queue, [item.pk])
    assert len(call_back(made.values())) == 2 and not Task.objects.exists()
    made = send(queue, [item.pk])
    change_queue(queue, overlap=3, by=world.actor(world.owner))
    assert len(there(queue)) == 3 and len(call_back(made.values())) == 3


def test_an_item_of_which_one_answer_is_begun_keeps_the_others(queue_of: Any, make_items: Any, world: Any, answer: Any) -> None:
    first, second = make_items(2)
    queue = queue_of(q="key = nothing", overlap=2)
    made = send(queue, [first.pk, second.pk])
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    call_back(made.values())
    assert there(queue) == [(lease.item_id, 1), (lease.item_id, 2)]
    assert answer(queue, world.annotator2, "car") is not None
    call_back(made.values())
    assert len(there(queue)) == 2


def test_what_somebody_had_once_is_void_and_asked_for_again_when_it_is_sent_again(queue_of: Any, make_items: Any, world: Any) -> None:
    from annotate.queues.leases import release

    (item,) = make_items(1)
    queue = queue_of(q="key = nothing", overlap=2)
    made = send(queue, [item.pk])
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    release(lease.pk, world.actor(world.annotator))
    call_back(made.values())
    assert there(queue) == [] and Task.objects.get().state == "void"
    assert send(queue, [item.pk]) == {item.pk: lease.task_id} and there(queue) == [(item.pk, 1), (item.pk, 2)]


def test_an_item_of_a_gated_batch_gets_none_until_its_gate_opens(queue_of: Any, make_items: Any) -> None:
    first, second = make_items(2)
    queue = queue_of(q="key = nothing")
    set_gated(first.batch_id, True)
    assert send(queue, [first.pk, second.pk]) == {} and not Task.objects.exists()
    set_gated(first.batch_id, False)
    assert len(send(queue, [first.pk, second.pk])) == 2

"""Items that are held back: whatever fills, claims or frees meanwhile, a claim passes them at no cost and an end frees them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.kernel import driver, sql
from annotate.queues import picking
from annotate.queues.claim import admitted, next_task
from annotate.queues.fill import fill
from annotate.queues.holding import end_holds, hold, holds, unhold
from annotate.queues.models import Hold, Task
from annotate.queues.services import change_queue
from tests.queues.test_plans import FEW, blocks

pytestmark = pytest.mark.django_db


def told(queue: Any) -> dict[int, bool]:
    return dict(Task.objects.filter(queue=queue, state="open").values_list("item_id", "held"))


def test_tasks_made_for_a_held_item_are_held_from_the_start(make_items: Any, queue_of: Any) -> None:
    kept, free = make_items(2)
    hold([kept.pk], cause="rule:dark", by=None)
    queue = queue_of()
    fill(queue.pk)
    assert told(queue) == {kept.pk: True, free.pk: False}


def test_a_larger_overlap_asks_nobody_about_a_held_item(world: Any, make_items: Any, queue_of: Any) -> None:
    [item] = make_items(1)
    queue = queue_of()
    fill(queue.pk)
    hold([item.pk], cause="rule:dark", by=None)
    change_queue(queue, overlap=3, by=world.actor(world.manager))
    assert list(Task.objects.filter(queue=queue).values_list("held", flat=True)) == [True] * 3


def test_a_task_that_was_void_when_the_hold_ended_is_free_when_it_is_asked_for_again(world: Any, make_items: Any, queue_of: Any) -> None:
    first = make_items(2)[0]
    by = world.actor(world.manager)
    queue = queue_of(overlap=2)
    fill(queue.pk)
    hold([first.pk], cause="rule:dark", by=None)
    change_queue(queue, overlap=1, by=by)
    unhold([first.pk], cause="rule:dark")
    change_queue(queue, overlap=2, by=by)
    assert set(Task.objects.filter(queue=queue).values_list("state", "held")) == {("open", False)}
    assert next_task(queue, world.actor(world.annotator)).item_id == first.pk


def test_an_item_that_two_causes_hold_is_free_after_both_ended(make_items: Any, queue_of: Any) -> None:
    [item] = make_items(1)
    queue = queue_of()
    fill(queue.pk)
    first = holds([item.pk], cause="rule:dark", by=None)
    hold([item.pk], cause="rule:blurred", by=None)
    assert end_holds(first.values()) == [item.pk]
    assert told(queue) == {item.pk: True}
    assert unhold([item.pk], cause="rule:blurred") == 1
    assert told(queue) == {item.pk: False}


def test_holds_that_stand_already_are_not_given_out_again(make_items: Any) -> None:
    first, second = make_items(2)
    made = holds([first.pk], cause="rule:dark", by=None)
    assert set(holds([first.pk, second.pk], cause="rule:dark", by=None)) == {second.pk}
    assert end_holds(made.values()) == [first.pk] and end_holds(made.values()) == []


def test_a_task_that_missed_the_end_of_a_hold_is_freed_by_the_next_fill(make_items: Any, queue_of: Any) -> None:
    [item] = make_items(1)
    queue = queue_of()
    fill(queue.pk)
    Task.objects.filter(item=item).update(held=True)  # as a fill leaves it that began before the hold ended
    fill(queue.pk)
    assert told(queue) == {item.pk: False}


def test_a_thousand_held_items_before_the_first_free_one_cost_a_claim_nothing(world: Any, make_items: Any, queue_of: Any, planner: Any) -> None:
    items = make_items(1200)
    queue = queue_of()
    fill(queue.pk)
    hold([item.pk for item in items[:1150]], cause="rule:dark", by=None)
    driver._prepared.pop(connection.connection, None)
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None and lease.item_id == items[1150].pk
    context = admitted(queue.pk, world.actor(world.annotator2))
    values = {"queue": queue.pk, "person": world.annotator2.pk} | context.leasing(0) | {"group": context.group, "project": context.project_id}
    sql.rows(picking.statement("annotate", wait=True), values)
    assert blocks(picking.statement("annotate", wait=True), values | {"slot": 1}) < FEW


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(["hold", "unhold", "fill"]), st.sampled_from(["rule:a", "rule:b"]), st.sets(st.integers(0, 3), min_size=1)), max_size=12))
def test_whatever_is_held_and_freed_tasks_say_what_holds_say(world: Any, make_items: Any, queue_of: Any, acts: list[Any]) -> None:
    Hold.objects.all().delete()  # of the example before
    items = [item.pk for item in make_items(4)]
    queue = queue_of()
    for act, cause, some in acts:
        chosen = [items[index] for index in some]
        if act == "hold":
            hold(chosen, cause=cause, by=None)
        elif act == "unhold":
            unhold(chosen, cause=cause)
        else:
            fill(queue.pk)
        standing = set(Hold.objects.filter(ended_at=None).values_list("item_id", flat=True))
        assert all(held == (item in standing) for item, held in told(queue).items())

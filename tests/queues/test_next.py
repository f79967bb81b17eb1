"""`next`: who gets what, in which order, and when there is nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from annotate.kernel.errors import Conflict, Denied, Missing
from annotate.queues.claim import next_task
from annotate.queues.holding import hold, unhold
from annotate.queues.leases import release, skip
from annotate.queues.models import Lease, Task
from annotate.queues.services import move_queue, set_place

pytestmark = pytest.mark.django_db


def expire(lease: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE annotate_lease SET expires_at = clock_timestamp() - interval '1 ms' WHERE id = %s", [lease.pk])


def test_next_fills_the_queue_by_itself_and_serves_the_oldest_first(world: Any, make_items: Any, queue_of: Any) -> None:
    items = make_items(3)
    queue = queue_of()
    lease = next_task(queue, world.actor(world.annotator))
    assert lease is not None
    assert lease.item_id == items[0].pk
    assert Task.objects.filter(queue=queue).count() == 3


@pytest.mark.parametrize(("order", "place"), [("oldest", 0), ("newest", 3), ("priority", 2)])
def test_orders(world: Any, make_items: Any, queue_of: Any, order: str, place: int) -> None:
    items = [*make_items(2), *make_items(1, meta={"priority": 5}), *make_items(1, meta={"priority": "high"})]
    lease = next_task(queue_of(order=order), world.actor(world.annotator))
    assert lease is not None
    assert lease.item_id == items[place].pk


def test_random_order_is_the_same_for_the_same_seed(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(12)

    def served(seed: int) -> list[int]:
        queue = queue_of(order=f"random:{seed}")
        while answer(queue, world.annotator):
            pass
        return list(Task.objects.filter(queue=queue).order_by("answered_at").values_list("item_id", flat=True))

    first = served(7)
    assert first == served(7)
    assert first != served(8)
    assert first != sorted(first)


def test_asking_again_gives_the_same_lease_and_each_slot_has_its_own(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(3)
    queue, actor = queue_of(), world.actor(world.annotator)
    now, ahead = next_task(queue, actor), next_task(queue, actor, slot=1)
    assert now and ahead
    assert now.task_id != ahead.task_id
    assert next_task(queue, actor).pk == now.pk
    assert next_task(queue, actor, slot=1).pk == ahead.pk


def test_the_one_ahead_becomes_the_one_worked_on(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(3)
    queue, actor = queue_of(), world.actor(world.annotator)
    next_task(queue, actor)
    ahead = next_task(queue, actor, slot=1)
    answer(queue, world.annotator)
    promoted = next_task(queue, actor)
    assert (promoted.pk, promoted.slot) == (ahead.pk, 0)
    assert promoted.expires_at >= ahead.expires_at
    assert next_task(queue, actor, slot=1).pk != ahead.pk


def test_overlap_gives_an_item_to_that_many_people_and_to_nobody_twice(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    items = make_items(2)
    queue = queue_of(overlap=2)
    for person in (world.annotator, world.annotator2):
        assert answer(queue, person) and answer(queue, person)
        assert answer(queue, person) is None
    assert answer(queue, world.reviewer) is None
    for item in items:
        assert set(Task.objects.filter(item=item).values_list("person_id", flat=True)) == {world.annotator.pk, world.annotator2.pk}


def test_nothing_is_left_while_others_hold_it_and_it_comes_back_when_their_time_is_over(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of()
    held = next_task(queue, world.actor(world.annotator))
    assert next_task(queue, world.actor(world.annotator2)) is None
    expire(held)
    taken = next_task(queue, world.actor(world.annotator2))
    assert taken.task_id == held.task_id
    held.refresh_from_db()
    assert held.ended_by == "expiry"
    assert next_task(queue, world.actor(world.annotator)) is None


def test_an_item_that_was_skipped_goes_to_others_only(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue, actor = queue_of(overlap=2), world.actor(world.annotator)
    skip(next_task(queue, actor).pk, actor, reason="blurred")
    assert next_task(queue, actor) is None
    assert next_task(queue, world.actor(world.annotator2)) is not None


def test_a_released_task_may_come_back(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue, actor = queue_of(), world.actor(world.annotator)
    lease = next_task(queue, actor)
    release(lease.pk, actor)
    release(lease.pk, actor)
    again = next_task(queue, actor)
    assert again.task_id == lease.task_id and again.pk != lease.pk


def test_items_on_hold_are_not_served_until_the_hold_ends(world: Any, make_items: Any, queue_of: Any) -> None:
    [item] = make_items(1)
    queue, actor = queue_of(), world.actor(world.annotator)
    assert hold([item.pk], cause="rule:1", by=None) == 1
    assert hold([item.pk], cause="rule:1", by=None) == 0
    assert next_task(queue, actor) is None
    unhold([item.pk], cause="rule:1")
    assert next_task(queue, actor) is not None


def test_an_item_put_on_hold_while_it_waited_ahead_is_not_promoted(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(3)
    queue, actor = queue_of(), world.actor(world.annotator)
    next_task(queue, actor)
    ahead = next_task(queue, actor, slot=1)
    hold([ahead.item_id], cause="rule:1", by=None)
    answer(queue, world.annotator)
    assert next_task(queue, actor).item_id != ahead.item_id


def test_a_queue_that_names_people_is_for_them_alone(world: Any, make_items: Any, queue_of: Any) -> None:
    make_items(1)
    queue = queue_of(members=[world.annotator])
    with pytest.raises(Missing):
        next_task(queue, world.actor(world.annotator2))
    with pytest.raises(Denied):
        next_task(queue, world.actor(world.reviewer))
    assert next_task(queue, world.actor(world.annotator)) is not None


def test_who_may_not_work_in_a_queue(world: Any, queue_of: Any) -> None:
    annotate, review = queue_of(), queue_of("review")
    with pytest.raises(Denied):
        next_task(annotate, world.actor(world.viewer))
    for queue, person in ((annotate, world.collector), (review, world.annotator), (annotate, world.outsider)):
        with pytest.raises(Missing):
            next_task(queue, world.actor(person))
    with pytest.raises(Missing):
        next_task(10**12, world.actor(world.annotator))


def test_a_paused_place_and_quotas(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(4)
    queue, by = queue_of(), world.actor(world.owner)
    set_place(queue, world.annotator, quota_day=2, by=by)
    assert answer(queue, world.annotator) and answer(queue, world.annotator)
    assert answer(queue, world.annotator) is None
    set_place(queue, world.annotator, quota_total=3, by=by)
    assert answer(queue, world.annotator)
    assert answer(queue, world.annotator) is None
    set_place(queue, world.annotator, paused=True, by=by)
    with pytest.raises(Denied):
        next_task(queue, world.actor(world.annotator))


def test_paused_and_closed_queues_serve_nothing_and_closing_takes_leases_back(world: Any, make_items: Any, queue_of: Any, answer: Any) -> None:
    make_items(2)
    queue, actor, by = queue_of(), world.actor(world.annotator), world.actor(world.owner)
    lease = next_task(queue, actor)
    move_queue(queue, "pause", by=by)
    with pytest.raises(Conflict) as paused:
        next_task(queue, actor)
    assert paused.value.code == "queue_paused"
    lease.refresh_from_db()
    assert lease.ended_at is None
    move_queue(queue, "resume", by=by)
    assert answer(queue, world.annotator)
    lease = next_task(queue, actor)
    move_queue(queue, "close", by=by)
    lease.refresh_from_db()
    assert lease.ended_by == "move"
    with pytest.raises(Conflict):
        next_task(queue, actor)


def test_an_archived_project_serves_nothing(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.projects.services import change

    make_items(1)
    queue = queue_of()
    change(world.project, archived=True, by=world.actor(world.owner))
    with pytest.raises(Conflict):
        next_task(queue, world.actor(world.annotator))


def test_who_leaves_a_project_holds_nothing_any_more(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.projects.services import remove_member

    make_items(2)
    queue, actor = queue_of(members=[world.annotator, world.annotator2]), world.actor(world.annotator)
    now, ahead = next_task(queue, actor), next_task(queue, actor, slot=1)
    remove_member(world.project, world.annotator, by=world.actor(world.owner))
    assert set(Lease.objects.filter(pk__in=(now.pk, ahead.pk)).values_list("ended_by", flat=True)) == {"move"}
    assert next_task(queue, world.actor(world.annotator2)).task_id == now.task_id
    with pytest.raises(Missing):
        next_task(queue, actor)


def test_who_is_suspended_holds_nothing_any_more(world: Any, make_items: Any, queue_of: Any) -> None:
    from annotate.people.services import change_person

    make_items(1)
    queue = queue_of()
    next_task(queue, world.actor(world.annotator))
    change_person(world.annotator, organisation_id=world.organisation.pk, active=False, by=world.actor(world.owner))
    assert next_task(queue, world.actor(world.annotator2)) is not None

"""Tasks that are kept for a person: who is served them and when, and how that ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from annotate.activity.models import Activity
from annotate.kernel import sql
from annotate.kernel.errors import Conflict, Denied, Invalid
from annotate.people.services import change_person
from annotate.projects.services import remove_member
from annotate.queues.claim import next_task
from annotate.queues.fill import fill
from annotate.queues.leases import skip
from annotate.queues.models import Task
from annotate.queues.reserving import release, reserve
from annotate.queues.services import change_queue, move_queue, set_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def keep(world: Any) -> Any:
    def kept(queue: Any, items: Any, person: Any, **more: Any) -> Any:
        return reserve(queue, [item.pk for item in items], person, by=world.actor(world.manager), **more)

    return kept


def served(world: Any, queue: Any, person: Any) -> int | None:
    lease = next_task(queue, world.actor(person))
    return None if lease is None else lease.item_id


def test_what_is_kept_for_a_person_comes_first_to_them_and_to_nobody_else(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(3)
    queue = queue_of()
    found = keep(queue, [items[2]], world.annotator)
    assert list(found.tasks) == [items[2].pk] and found.passed == {}
    assert served(world, queue, world.annotator2) == items[0].pk
    assert served(world, queue, world.annotator) == items[2].pk
    record = Activity.objects.get(verb="task.reserve")
    assert record.data["items"] == [items[2].pk] and record.person_id == world.manager.pk


def test_nothing_is_left_for_others_while_all_is_kept(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(2)
    queue = queue_of()
    keep(queue, items, world.annotator)
    assert served(world, queue, world.annotator2) is None


def test_an_answer_ends_it(world: Any, make_items: Any, queue_of: Any, keep: Any, answer: Any) -> None:
    items = make_items(2)
    queue = queue_of()
    keep(queue, [items[1]], world.annotator, until=timezone.now() + dt.timedelta(days=1))
    answer(queue, world.annotator)
    task = Task.objects.get(queue=queue, item=items[1])
    assert (task.state, task.person, task.reserved_until) == ("answered", world.annotator, None)
    assert served(world, queue, world.annotator) == items[0].pk


def test_one_answer_per_person_also_counts_what_is_kept(world: Any, make_items: Any, queue_of: Any, keep: Any, answer: Any) -> None:
    [item] = make_items(1)
    queue = queue_of(overlap=3)
    assert len(keep(queue, [item], world.annotator).tasks) == 1
    assert Task.objects.filter(queue=queue, person=world.annotator).count() == 1
    assert answer(queue, world.annotator) and answer(queue, world.annotator) is None
    assert keep(queue, [item], world.annotator).passed == {item.pk: "has_one"}
    assert answer(queue, world.annotator2) and answer(queue, world.reviewer)
    assert keep(queue, [item], world.manager).passed == {item.pk: "not_waiting"}


def test_again_changes_only_the_moment(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(1)
    queue = queue_of()
    until = timezone.now() + dt.timedelta(hours=1)
    keep(queue, items, world.annotator)
    assert keep(queue, items, world.annotator).passed == {items[0].pk: "same"}
    keep(queue, items, world.annotator, until=until)
    assert Task.objects.get(queue=queue).reserved_until == until


def test_why_an_item_is_not_kept(world: Any, make_items: Any, queue_of: Any, keep: Any, answer: Any) -> None:
    items = make_items(4)
    queue = queue_of()
    by = world.actor(world.annotator)
    skip(next_task(queue, by).pk, by, reason="dark")
    held = next_task(queue, world.actor(world.annotator2))
    answered = answer(queue, world.annotator)
    keep(queue, [items[2]], world.reviewer)
    assert answered
    found = keep(queue, items, world.annotator)
    assert held.item_id == items[0].pk
    assert found.passed == {items[0].pk: "held", items[1].pk: "not_waiting", items[2].pk: "reserved"}
    assert list(found.tasks) == [items[3].pk]
    found = reserve(queue, [10**15], world.annotator, by=world.actor(world.manager))
    assert found.passed == {10**15: "no_task"} and not found.tasks


def test_what_was_skipped_is_not_kept_and_a_skip_ends_it(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(1)
    queue, actor = queue_of(), world.actor(world.annotator)
    keep(queue, items, world.annotator)
    skip(next_task(queue, actor).pk, actor)
    task = Task.objects.get(queue=queue)
    assert (task.state, task.person) == ("open", None)
    assert keep(queue, items, world.annotator).passed == {items[0].pk: "skipped"}
    assert served(world, queue, world.annotator2) == items[0].pk


def test_nobody_is_kept_their_own_work_to_judge(world: Any, make_items: Any, queue_of: Any, keep: Any, answer: Any) -> None:
    items = make_items(2)
    queue = queue_of()
    answer(queue, world.reviewer)
    answer(queue, world.annotator)
    review = queue_of("review")
    found = keep(review, items, world.reviewer)
    assert found.passed == {items[0].pk: "own_work"} and list(found.tasks) == [items[1].pk]
    assert served(world, review, world.manager) == items[0].pk
    assert served(world, review, world.reviewer) == items[1].pk


def test_it_ends_at_its_moment(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(1)
    queue = queue_of()
    keep(queue, items, world.annotator, until=timezone.now() + dt.timedelta(hours=1))
    assert served(world, queue, world.annotator2) is None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE annotate_task SET reserved_until = clock_timestamp() - interval '1 ms' WHERE queue_id = %s", [queue.pk])
    assert served(world, queue, world.annotator2) == items[0].pk
    assert Task.objects.get(queue=queue).person is None


def test_a_manager_lets_go(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(2)
    queue = queue_of()
    tasks = keep(queue, items, world.annotator).tasks
    assert release(queue, [tasks[items[0].pk], 10**15], by=world.actor(world.manager)) == 1
    assert release(queue, [tasks[items[0].pk]], by=world.actor(world.manager)) == 0
    assert served(world, queue, world.annotator2) == items[0].pk
    assert Activity.objects.filter(verb="task.release").count() == 1
    with pytest.raises(Denied):
        release(queue, tasks.values(), by=world.actor(world.annotator))


@pytest.mark.parametrize("leaves", ["project", "organisation", "queue"])
def test_it_ends_when_the_person_leaves(world: Any, make_items: Any, queue_of: Any, keep: Any, leaves: str) -> None:
    items = make_items(1)
    queue, by = queue_of(), world.actor(world.owner)
    keep(queue, items, world.annotator)
    if leaves == "project":
        remove_member(world.project, world.annotator, by=by)
    elif leaves == "organisation":
        change_person(world.annotator, organisation_id=world.organisation.pk, active=False, by=by)
    else:
        change_queue(queue, members=[world.annotator2], by=by)
    assert Task.objects.get(queue=queue).person is None
    assert served(world, queue, world.annotator2) == items[0].pk


def test_who_may_keep_what_for_whom(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(1)
    queue, named = queue_of(), queue_of(members=[world.annotator2])
    for person in (world.viewer, world.outsider):
        with pytest.raises(Invalid) as wrong:
            keep(queue, items, person)
        assert "person" in wrong.value.fields
    with pytest.raises(Invalid):
        keep(named, items, world.annotator)
    with pytest.raises(Invalid) as wrong:
        keep(queue, items, world.annotator, until=timezone.now() - dt.timedelta(minutes=1))
    assert list(wrong.value.fields) == ["until"]
    with pytest.raises(Denied):
        reserve(queue, [items[0].pk], world.annotator, by=world.actor(world.annotator))
    move_queue(queue, "close", by=world.actor(world.manager))
    with pytest.raises(Conflict):
        keep(queue, items, world.annotator)


def test_the_day_s_quota_counts_for_it_too(world: Any, make_items: Any, queue_of: Any, keep: Any, answer: Any) -> None:
    items = make_items(2)
    queue = queue_of()
    set_place(queue, world.annotator, quota_day=1, by=world.actor(world.manager))
    keep(queue, items, world.annotator)
    assert answer(queue, world.annotator) and answer(queue, world.annotator) is None


def statements(monkeypatch: Any, act: Any) -> tuple[int, Any]:
    """How many prepared statements the act runs, and what it gives."""
    count, together = [0], sql.together

    def counted(*asked: Any, commits: bool = False) -> Any:
        count[0] += len(asked)
        return together(*asked, commits=commits)

    with monkeypatch.context() as patch:
        patch.setattr(sql, "together", counted)
        found = act()
    return count[0], found


def test_next_asks_as_much_as_ever_and_once_more_where_something_is_kept(
    world: Any, make_items: Any, queue_of: Any, keep: Any, monkeypatch: Any
) -> None:
    items = make_items(60)
    queue = queue_of()
    keep(queue, items[:50], world.annotator)
    count, lease = statements(monkeypatch, lambda: next_task(queue, world.actor(world.annotator2)))
    assert (count, lease.item_id) == (3, items[50].pk)  # lock, context, pick
    count, lease = statements(monkeypatch, lambda: next_task(queue, world.actor(world.annotator)))
    assert (count, lease.item_id) == (3, items[0].pk)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM annotate_task t WHERE t.queue_id = %s AND t.state = 'open' AND t.person_id IS NULL AND NOT t.held"
            " ORDER BY t.rank, t.id LIMIT 1",
            [queue.pk],
        )
        assert "task_free" in "".join(row[0] for row in cursor.fetchall())  # an index without what is kept


def test_filling_leaves_it_be(world: Any, make_items: Any, queue_of: Any, keep: Any) -> None:
    items = make_items(1)
    queue = queue_of()
    keep(queue, items, world.annotator)
    assert fill(queue.pk) == 0
    assert Task.objects.get(queue=queue).person == world.annotator

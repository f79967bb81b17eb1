"""Pace of queues and what is stuck in them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from annotate.queues.claim import next_task
from annotate.queues.models import Lease
from annotate.queues.pausing import pause
from annotate.queues.skips import settle
from annotate.queues.tasks import park
from workflows.insight import queue_pace, watching
from workflows.insight.queue_pace import queue_paces
from workflows.insight.stuck import stuck

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    watching._kept.clear()


def kinds(world: Any) -> dict[str, list[str]]:
    return {kind.name: sorted(row.key for row in kind.rows) for kind in stuck(world.project, now=timezone.now())}


def skip(world: Any, queue: Any, person: Any) -> str:
    lease = next_task(queue, world.actor(person))
    assert lease is not None
    world.api(person).post(f"/leases/{lease.pk}/skip", {"reason": "unclear"})
    return str(lease.item.key)


def test_a_queues_pace_is_its_median_active_time_an_item(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(5)
    queue = queue_of(name="boxes")
    for seconds in (10, 20, 300):
        did(queue, world.annotator, seconds)
    did(queue, world.annotator2, None)
    (row,) = queue_paces(world.project, now=timezone.now())
    assert (row.left, row.day, row.week, row.pace, row.timed, row.people) == (1, 4, 4, 20, 3, 2)
    assert row.forecast.why == "few"


def test_days_of_answers_make_a_forecast(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(36)
    queue, now = queue_of(), timezone.now()
    for day in range(4):
        for _time in range(8):
            did(queue, world.annotator, 10, now - day * DAY - dt.timedelta(hours=1))
    (row,) = queue_paces(world.project, now=now)
    assert row.forecast.why == "" and row.forecast.rate == 8 and row.left == 4
    assert row.forecast.finish is not None and abs(row.forecast.finish - now - DAY / 2) < dt.timedelta(minutes=1)


def test_shares_say_who_did_how_much_in_an_active_hour(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(3)
    queue = queue_of()
    for person, seconds in ((world.annotator, 60), (world.annotator, 60), (world.annotator2, None)):
        did(queue, person, seconds)
    found = {share.person: share for share in queue_pace.shares(world.project, now=timezone.now())}
    assert (found[world.annotator.pk].answers, found[world.annotator.pk].hourly) == (2, 60)
    assert found[world.annotator2.pk].hourly is None


def test_long_held_and_long_returned_work_is_stuck(world: Any, make_items: Any, queue_of: Any, did: Any, judged: Any) -> None:
    make_items(3)
    queue = queue_of()
    lease = next_task(queue, world.actor(world.annotator2))
    did(queue, world.annotator)
    judged(queue_of("review"), world.reviewer, "return")
    assert kinds(world) == {}
    Lease.objects.filter(pk=lease.pk).update(created_at=timezone.now() - dt.timedelta(hours=2), expires_at=timezone.now() + DAY)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica; UPDATE annotate_review SET created_at = now() - interval '3 days'; SET LOCAL session_replication_role = origin")
    found = kinds(world)
    assert set(found) == {"held", "returned"} and found["held"] == [lease.item.key]


def test_what_everyone_skipped_is_stuck_until_it_is_put_back(world: Any, make_items: Any, queue_of: Any) -> None:
    (item,) = make_items(1)
    queue = queue_of(members=[world.annotator, world.annotator2])
    skip(world, queue, world.annotator)
    assert kinds(world) == {}
    skip(world, queue, world.annotator2)
    assert kinds(world) == {"skipped": [item.key]}
    settle(world.project, item.pk, queue.pk, "back", by=world.actor(world.manager))
    assert kinds(world) == {}


def test_who_is_paused_is_nobody_to_wait_for(world: Any, make_items: Any, queue_of: Any) -> None:
    (item,) = make_items(1)
    queue = queue_of(members=[world.annotator, world.annotator2])
    skip(world, queue, world.annotator)
    pause(world.project, world.annotator2, by=world.actor(world.manager))
    assert kinds(world) == {"skipped": [item.key]}


def test_more_answers_than_people_leave_work_over(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    make_items(2)
    queue = queue_of(members=[world.annotator, world.annotator2], overlap=3)
    for person in (world.annotator, world.annotator2):
        did(queue, person)
    first = queue.tasks.filter(state="answered").first().item.key
    assert kinds(world) == {"overlap": [first]}


def test_a_question_that_waits_is_stuck(world: Any, make_items: Any, queue_of: Any) -> None:
    (item,) = make_items(1)
    queue = queue_of()
    lease = next_task(queue, world.actor(world.annotator))
    park(lease.task_id, person_id=world.annotator.pk)
    assert kinds(world)["parked"] == [item.key]


@pytest.mark.parametrize("rows", [1, 3])
def test_each_part_costs_one_statement(world: Any, make_items: Any, queue_of: Any, did: Any, django_assert_num_queries: Any, rows: int) -> None:
    make_items(rows)
    for _n in range(rows):
        queue = queue_of(overlap=2)
        did(queue, world.annotator)
    now = timezone.now()
    with django_assert_num_queries(3):
        assert len(queue_paces(world.project, now=now)) == rows
        assert len(queue_pace.shares(world.project, now=now)) == rows
        stuck(world.project, now=now)


def test_the_page_says_it_all_and_what_to_do_when_there_is_nothing(world: Any, make_items: Any, queue_of: Any, did: Any) -> None:
    client, place = world.page(world.manager), f"/p/{world.project.pk}/progress"
    empty = client.get(place).content.decode()
    assert "No queues yet" in empty and "Nothing is stuck" in empty
    make_items(2)
    queue = queue_of(name="boxes")
    did(queue, world.annotator, 30)
    park(next_task(queue, world.actor(world.annotator)).task_id, person_id=world.annotator.pk)
    body = client.get(place).content.decode()
    assert "not enough to say" in body and "30 s" in body and f'href="/p/{world.project.pk}/reviews#questions"' in body

"""What the clock mends and how it sees that work stands still."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from annotate.jobs import clockwork, sweeping, watch
from annotate.jobs.models import Job
from annotate.kernel.registry import ticks

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def job(world: Any) -> Job:
    return Job.objects.create(organisation=world.organisation, kind="test.none")


def put(job: Job, **values: Any) -> Job:
    Job.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()
    return job


def test_a_job_whose_lease_ran_out_is_queued_again(job: Job) -> None:
    put(job, state="running", lease_until=timezone.now() - HOUR, attempts=1, fence=1)
    assert sweeping.requeue_expired() == 1
    job.refresh_from_db()
    assert (job.state, job.lease_until) == ("queued", None)
    assert OrmQ.objects.get().task["args"] == (job.pk,)


def test_a_job_under_its_lease_is_left_alone(job: Job) -> None:
    put(job, state="running", lease_until=timezone.now() + HOUR)
    assert sweeping.requeue_expired() == 0


@pytest.mark.parametrize(
    ("values", "state"),
    [({"cancel_requested": True, "attempts": 1}, "cancelled"), ({"attempts": 6}, "failed")],
    ids=["cancelled", "worn out"],
)
def test_a_silent_job_that_must_not_run_again_ends(job: Job, values: dict[str, Any], state: str) -> None:
    put(job, state="running", lease_until=timezone.now() - HOUR, **values)
    sweeping.requeue_expired()
    job.refresh_from_db()
    assert job.state == state and job.ended_at is not None
    assert not OrmQ.objects.exists()


def test_a_queued_job_without_a_message_gets_one_and_only_one(job: Job) -> None:
    assert sweeping.resend_lost() == 0, "its message may still be on the way"
    put(job, due_at=timezone.now() - HOUR)
    assert [sweeping.resend_lost(), sweeping.resend_lost()] == [1, 0]
    OrmQ.objects.update(lock=timezone.now() + HOUR)  # a worker took it and died
    assert sweeping.resend_lost() == 1


def test_old_jobs_are_dropped(job: Job, world: Any) -> None:
    put(job, state="done", ended_at=timezone.now() - dt.timedelta(days=200))
    young = Job.objects.create(organisation=world.organisation, kind="test.none", state="done", ended_at=timezone.now())
    assert sweeping.prune() == 1
    assert list(Job.objects.all()) == [young]


def test_waiting_work_has_an_age_unless_every_worker_is_busy(job: Job, settings: Any) -> None:
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": 1}
    put(job, due_at=timezone.now() - HOUR)
    age = watch.oldest_due_age()
    assert age is not None and 3500 < age < 3700
    busy = Job.objects.create(
        organisation=job.organisation, kind="test.none", state="running", lease_until=timezone.now() + HOUR
    )
    assert watch.oldest_due_age() is None
    put(busy, lease_until=timezone.now() - HOUR)
    assert watch.oldest_due_age() is not None
    Job.objects.all().update(state="done")
    assert watch.oldest_due_age() is None


def test_a_heartbeat_that_nobody_takes_is_a_standstill(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: now[0])
    kept = watch.Watch(still=20)
    seen = []
    for _ in range(25):
        now[0] += 1
        seen.append(kept.look())
    assert seen.index(True) > 20
    assert OrmQ.objects.count() == 1, "one heartbeat at a time"
    OrmQ.objects.all().delete()  # a worker took it
    now[0] += 1
    assert not kept.look()
    kept.look()
    kept.forget()
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_tick_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def breaks() -> None:
        ran.append("breaks")
        raise ValueError

    monkeypatch.setattr(ticks, "_entries", {"breaks": (60.0, breaks), "works": (60.0, lambda: ran.append("works"))})
    clock = clockwork.Clock()
    assert 50 < clock.turn() <= 60
    clock.turn()
    assert ran == ["breaks", "works"]


@pytest.mark.django_db(transaction=True)
def test_a_tick_that_another_clock_runs_is_left_out() -> None:
    ran: list[int] = []
    other = connection.copy()
    key = int.from_bytes(clockwork.canonical.digest("tick|x")[:8], signed=True)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
            assert not clockwork.guarded("x", lambda: ran.append(1))
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])  # by word: a closed connection ends in its own time
    finally:
        other.close()
    assert clockwork.guarded("x", lambda: ran.append(2))
    assert ran == [2]

"""Jobs of the line killed with -9 at each step, and consumers that race: every act of the machine happens exactly once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from annotate.activity.models import Activity
from annotate.items.services import seal
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.jobs.sweeping import requeue_expired
from annotate.queues.models import Queue, Task
from tests import own_process
from tests.automation.conftest import Bench
from tests.concurrency.test_claims import at_once
from tests.conftest import make_world
from workflows.automation import news
from workflows.automation.advancing import advance
from workflows.automation.models import Passage, Step
from workflows.cleaning.models import CheckRun, Gate
from workflows.releases.models import Version
from workflows.rounds.models import Round

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ONCE = ("check_run.start", "check_run.apply", "gate.set", "batch.queue", "round.plan", "version.cut", "version.freeze")


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def ready(bench: Bench) -> Bench:
    """Everything switched on, and nothing sealed yet."""
    bench.declare()
    bench.rules()
    bench.on()
    return bench


def until(bench: Bench, kind: str, when: str) -> None:
    """The next job of the line, in a process that dies at this step; what became of it is left to the sweeper."""
    assert news._could_move(bench.project)
    news.ask(bench.project)
    job = Job.objects.get(kind=news.JOB, state="queued")
    own_process.dies("tests.automation.process", job.pk, kind, when)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert requeue_expired() == 1


def once(batch: Any) -> None:
    assert (CheckRun.objects.count(), Gate.objects.count(), Queue.objects.filter(stage="annotate").count()) == (1, 1, 1)
    assert (Round.objects.count(), Version.objects.count(), Task.objects.filter(queue__stage="annotate").count()) == (1, 1, 4)
    acts = Counter(Activity.objects.filter(verb__in=ONCE).values_list("verb", flat=True))
    assert acts == dict.fromkeys(ONCE, 1)
    moves = Counter((row.data["step"], row.verb) for row in Activity.objects.filter(verb__in=("step.start", "step.finish")))
    assert set(moves.values()) == {1}


@pytest.mark.parametrize("when", ["within", "after"])
def test_a_job_that_is_killed_at_each_step_has_done_each_once(ready: Bench, when: str) -> None:
    batch = ready.batch(4)
    seal(batch, by=ready.by)
    news.follow()
    until(ready, "checks", when)
    assert CheckRun.objects.count() == (when == "after")
    until(ready, "gate", when) if not Gate.objects.exists() else None
    ready.go()
    once_more = Queue.objects.filter(stage="annotate").count()
    assert once_more == 1 and ready.label(batch) == 4
    until(ready, "round", when)
    assert Round.objects.count() == (when == "after")
    ready.go()
    ready.judge()
    from workflows.rounds.deciding import decide_some

    decide_some()
    for job in Job.objects.filter(state="queued").exclude(kind=news.JOB):
        execute(job.pk)
    until(ready, "version", when)
    assert Version.objects.count() == (when == "after")
    ready.go()
    once(batch)
    assert set(ready.steps(batch).values()) == {"done"}


@pytest.mark.parametrize("when", ["within", "after"])
def test_a_job_that_is_killed_while_it_fills_the_queue_fills_it_once(ready: Bench, when: str) -> None:
    batch = ready.batch(4)
    ready.declare(gate=None)
    seal(batch, by=ready.by)
    news.follow()
    CheckRun.objects.all().delete()
    from workflows.cleaning.models import Rule

    Rule.objects.all().delete()
    until(ready, "queue", when)
    assert Task.objects.count() == (4 if when == "after" else 0) and Queue.objects.count() == (when == "after")
    ready.go()
    assert (Queue.objects.count(), Task.objects.count(), Activity.objects.filter(verb="batch.queue").count()) == (1, 4, 1)


def test_several_who_follow_and_advance_at_once_act_once(ready: Bench) -> None:
    batch = ready.batch(4)
    seal(batch, by=ready.by)
    done = at_once(lambda _each: news.follow(), range(3))
    assert not [one for one in done if isinstance(one, Exception)], done
    passage = Passage.objects.get()

    def through(_each: int) -> int:
        moves = 0
        while advance(passage.pk):
            moves += 1
        return moves

    def together() -> None:
        done = at_once(through, range(3))
        assert not [one for one in done if isinstance(one, Exception)], done
        ready.go()

    together()
    ready.label(batch)
    together()
    ready.judge()
    together()
    together()
    once(batch)


def test_the_news_are_heard_once_each_also_by_a_reader_that_is_cut_off(ready: Bench, monkeypatch: Any) -> None:
    batch = ready.batch(1)
    seal(batch, by=ready.by)
    begin = news.begin

    def broken(*given: Any, **more: Any) -> Any:
        begin(*given, **more)
        raise ZeroDivisionError

    monkeypatch.setattr(news, "begin", broken)
    with pytest.raises(ZeroDivisionError):
        news.follow()
    assert not Passage.objects.exists()
    monkeypatch.setattr(news, "begin", begin)
    news.follow()
    news.follow()
    assert Passage.objects.count() == 1 and Step.objects.count() == 5


def test_at_most_one_job_of_a_project_waits(ready: Bench) -> None:
    seal(ready.batch(1), by=ready.by)
    for _each in range(3):
        news._seen.clear()
        news._looked.clear()
        news.look()
    assert Job.objects.filter(kind=news.JOB).count() == 1

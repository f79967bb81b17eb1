"""Runs, people at queues and those who restore, all at once: nobody is held twice or let go by half, and no work is lost."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from django.db import transaction

from annotate.annotations.models import Annotation
from annotate.items.models import Batch, Item
from annotate.jobs.models import Job
from annotate.kernel.errors import Conflict
from annotate.people.actor import Actor
from annotate.queues.claim import next_task
from annotate.queues.models import Hold, Lease, Task
from annotate.queues.services import create_queue
from annotate.queues.submit import submit
from tests.cleaning.bench import Bench
from tests.concurrency.test_claims import at_once
from tests.conftest import make_world
from workflows.cleaning import applying, gates, looking, measuring
from workflows.cleaning.models import Finding, Gate, PictureFacts

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ALL = frozenset(range(30))


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


@pytest.fixture
def bench(world: Any, monkeypatch: Any) -> Bench:
    """30 items, steps of four findings."""
    monkeypatch.setattr(applying, "CHUNK", 4)
    made = Bench(world)
    made.come(24)
    made.set_rules({"a": ("quarantine", ALL), "b": ("queue", frozenset(range(10)))})
    return made


def held() -> list[int]:
    return sorted(Hold.objects.filter(ended_at=None).values_list("item_id", flat=True))


def mine(results: list[Any]) -> list[Any]:
    """Errors that no client should get."""
    return [one for one in results if isinstance(one, Exception) and not isinstance(one, Conflict)]


def test_one_of_several_who_apply_a_run_does_and_the_others_are_told(bench: Bench) -> None:
    run = bench.check()
    got = at_once(lambda _: bench.apply(run), range(4))
    assert not mine(got) and sum(not isinstance(one, Exception) for one in got) == 1
    assert bench.fresh(run).state == "applied" and held() == sorted(bench.items) and Task.objects.count() == 10


def test_several_jobs_at_one_run_act_once(bench: Bench, monkeypatch: Any) -> None:
    run = bench.check()
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    for act, wanted in ((bench.apply, sorted(bench.items)), (bench.undo, [])):
        act(run)
        got = at_once(lambda _: applying.carry_out(run.pk).state, range(3))
        assert got == [bench.fresh(run).state] * 3 and held() == wanted
    assert Hold.objects.count() == 30 and not Task.objects.exists()


def test_applying_one_run_while_another_that_holds_the_same_is_undone_holds_everything(bench: Bench) -> None:
    first, second = bench.check(), bench.check()
    for _ in range(3):
        bench.apply(first)
        assert not mine(at_once(lambda act: act[0](act[1]), [(bench.undo, first), (bench.apply, second)]))
        assert held() == sorted(bench.items) and Task.objects.exclude(state="void").count() == 10
        bench.undo(second)
        assert held() == [] and not Task.objects.exclude(state="void").exists()


def test_undoing_while_the_run_is_still_being_applied_takes_all_of_it_back(bench: Bench, monkeypatch: Any) -> None:
    run = bench.check()
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    bench.apply(run)
    assert not mine(at_once(lambda work: work(), [lambda: applying.carry_out(run.pk), lambda: bench.undo(run)]))
    applying.carry_out(run.pk)
    assert bench.fresh(run).state == "undone" and held() == [] and not Finding.objects.filter(state="applied").exists()


def test_who_restores_meanwhile_is_not_overruled(bench: Bench) -> None:
    first, second = bench.apply(bench.check()), bench.check()
    places = random.Random(3).sample(bench.items, 10)

    def restore(item: int) -> Any:
        return applying.restore(Item.objects.get(pk=item), by=bench.by)

    got = at_once(lambda act: act[0](act[1]), [(bench.apply, second), (bench.undo, first), *((restore, item) for item in places[:4])])
    assert not mine(got)
    restored = {item for item, one in zip(places, got[2:], strict=False) if not isinstance(one, Exception)}
    assert held() == sorted(set(bench.items) - restored)
    bench.undo(second)
    assert held() == []


def test_people_who_label_lose_no_work_while_runs_come_and_go(bench: Bench, world: Any) -> None:
    queue = create_queue(bench.project, "label", stage="annotate", by=bench.by)
    people = [Actor.of(person) for person in (world.annotator, world.annotator2, world.manager)]
    run = bench.check()

    def label(actor: Actor) -> int:
        done = 0
        for _ in range(8):
            lease = next_task(queue, actor)
            if lease is not None:
                submit(lease.pk, actor, {"objects": [], "item": {}})
                done += 1
        return done

    def manage(_: Any) -> int:
        for _turn in range(3):
            bench.apply(run)
            bench.undo(run)
        return 0

    got = at_once(lambda one: label(one) if one in people else manage(one), [*people, None])
    assert not [one for one in got if isinstance(one, Exception)], got
    assert Annotation.objects.count() == sum(got) and Task.objects.filter(queue=queue, state="answered").count() == sum(got)
    assert not Lease.objects.filter(ended_at=None).exists() and held() == []
    left = 0
    while (lease := next_task(queue, people[0])) is not None:  # what is left is served, every bit of it
        submit(lease.pk, people[0], {"objects": [], "item": {}})
        left += 1
    assert sum(got) + left == 30


def test_items_that_come_while_a_gate_is_judged_never_slip_through(bench: Bench) -> None:
    bench.set_rules({"a": ("flag", ALL)})
    gates.set_gate(bench.batch, bar=1, by=bench.by)
    run = bench.check()
    assert Gate.objects.get().state == "open"
    got = at_once(lambda work: work(), [lambda: bench.come(3), *[lambda: gates.judge(bench.batch.pk)] * 2, lambda: bench.apply(run)])
    assert not mine(got)
    assert Gate.objects.get().state == "waiting" and Batch.objects.get(pk=bench.batch.pk).gated
    assert Job.objects.filter(state="failed").count() == 0


def test_who_checks_waits_for_the_pictures_that_another_job_is_at(world: Any, make_items: Any, monkeypatch: Any) -> None:
    """Else the check would speak of pictures without facts as of nothing."""
    contents = {item.blob_id for item in make_items(6)}
    scope, began, measured = measuring.Scope(world.project), threading.Event(), list[int]()
    see = looking._see

    def slowly(blob: Any, picture: Any) -> None:
        measured.append(blob.pk)
        began.set()
        threading.Event().wait(0.1)
        see(blob, picture)

    monkeypatch.setattr(looking, "_see", slowly)

    def second() -> int:
        assert began.wait(10)
        measuring.measure(scope)
        with transaction.atomic():
            return PictureFacts.objects.count()

    got = at_once(lambda work: work(), [lambda: measuring.measure(scope), second])
    assert got[1] == len(contents) > 1 and sorted(measured) == sorted(contents)


def test_a_task_that_two_runs_lean_on_stands_until_both_are_undone(bench: Bench) -> None:
    first, second = bench.check(), bench.check()
    bench.apply(first)
    bench.apply(second)
    bench.undo(first)
    assert Task.objects.filter(state="open").count() == 10 and Finding.objects.exclude(task=None).filter(run=second).count() == 10
    bench.undo(second)
    assert not Task.objects.exists()


def test_a_run_that_looked_before_somebody_restored_an_item_passes_it_over(bench: Bench) -> None:
    first, second, third = bench.check(), bench.check(), bench.check()
    bench.undo(bench.apply(third))
    bench.apply(first)
    item = bench.items[3]
    applying.restore(Item.objects.get(pk=item), by=bench.by)
    for run in (second, third):
        assert bench.apply(run).counts == {"quarantined": 29, "queued": 9, "restored": 1}
        assert item not in held() and not Task.objects.filter(item=item, state="open").exists()
        assert set(Finding.objects.filter(run=run, item=item).values_list("state", flat=True)) == {"waived"}

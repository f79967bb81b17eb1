"""Measuring and acting that are killed with -9 go on where they were, and come to what they would have come to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from annotate.items.models import Batch, Item
from annotate.jobs.models import Job
from annotate.jobs.services import execute
from annotate.jobs.sweeping import requeue_expired
from annotate.queues.models import Hold, Task
from tests import own_process
from tests.cleaning.bench import Bench
from tests.conftest import draw_picture, make_world
from workflows.cleaning import applying, looking, measuring
from workflows.cleaning.jobs import on_arrival
from workflows.cleaning.models import CheckRun, Finding, PictureFacts

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
RULES = {"a": ("quarantine", frozenset(range(6))), "b": ("flag", frozenset({1, 3})), "c": ("queue", frozenset({0, 4, 5}))}


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


def dies(what: str, pk: int, n: int) -> None:
    own_process.dies("tests.cleaning.process", what, pk, n)


@pytest.mark.parametrize("n", [2, 5])
def test_measuring_that_is_killed_measures_the_rest_and_nothing_twice(world: Any, monkeypatch: Any, n: int) -> None:
    api = world.api(world.manager)
    made = api.post(f"/projects/{world.project.pk}/batches", {"name": "dirt"}).json()
    assert api.upload(f"/batches/{made['id']}/files", {f"{at}.png": draw_picture(color=(at * 30, 9, 9)) for at in range(7)}).status_code == 202
    while (job := Job.objects.filter(state="queued").order_by("id").first()) is not None:
        execute(job.pk)
    assert PictureFacts.objects.count() == 7  # they came with the thumbnails
    whole = list(PictureFacts.objects.order_by("pk").values())
    PictureFacts.objects.all().delete()
    Job.objects.all().delete()
    on_arrival(Batch.objects.get(pk=made["id"]), world.actor(world.manager))
    job = Job.objects.get(kind="cleaning.measure", state="queued")
    dies("measure", job.pk, n)
    there = set(PictureFacts.objects.values_list("pk", flat=True))
    assert len(there) == (n - 1) // 2 * 2  # whole pieces of two
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert requeue_expired() == 1
    seen: list[int] = []
    look = looking._see
    monkeypatch.setattr(looking, "_see", lambda blob, picture: (seen.append(blob.pk), look(blob, picture)))
    assert execute(job.pk) == "done"
    assert sorted(seen) == sorted({row["blob_id"] for row in whole} - there)
    assert list(PictureFacts.objects.order_by("pk").values()) == whole
    assert measuring.missing(measuring.Scope(world.project)) == 0


def state(bench: Bench, run: CheckRun) -> Any:
    linked = Finding.objects.filter(run=run).order_by("id").values_list("name", "item_id", "state", "hold__item", "task__item")
    return bench.seen(), list(linked), bench.fresh(run).state, bench.fresh(run).counts


@pytest.mark.parametrize("n", [1, 3, 5])
def test_applying_and_undoing_that_are_killed_come_to_the_same(world: Any, monkeypatch: Any, n: int) -> None:
    bench = Bench(world)
    bench.set_rules(RULES)
    run = bench.check()
    before = state(bench, run)
    applied = state(bench, bench.apply(run))
    undone = state(bench, bench.undo(run))
    assert undone[0] == before[0]
    monkeypatch.setattr(applying, "AT_ONCE", 0)  # a job's
    for act, wanted in ((bench.apply, applied), (bench.undo, undone)):
        act(run)
        dies("act", run.pk, n)
        done = Finding.objects.filter(run=run, state="applied").count()
        assert done == ((n - 1) * 2 if wanted is applied else 11 - (n - 1) * 2)
        applying.carry_out(run.pk)
        assert state(bench, run) == wanted
    assert Item.objects.count() == 6 and not Hold.objects.filter(ended_at=None).exists() and not Task.objects.exists()

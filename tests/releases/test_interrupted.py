"""Cuts side by side, and cuts that die: numbers have no gaps, and a version is there whole or not at all."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, connections

from annotate.jobs.models import Job
from annotate.jobs.services import execute
from tests import own_process
from tests.conftest import make_world
from tests.releases.conftest import KEYS
from workflows.releases import queries, reading, services
from workflows.releases.models import Shard, Version

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world(transactional_db: None) -> Any:
    return make_world()


def test_two_cuts_at_once_take_two_numbers_and_one_set_of_shards(world: Any, dataset: Any, approve: Any) -> None:
    approve(KEYS)
    by, gate = world.actor(world.manager), Barrier(4)
    versions = [services.cut(dataset, by=by) for _ in range(4)]

    def run(version: Version) -> str:
        try:
            gate.wait()
            return execute(version.job_id or 0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, versions)) == ["done"] * 4
    frozen = queries.versions(dataset).order_by("number")
    assert [version.number for version in frozen] == [1, 2, 3, 4]
    assert [version.parent_id for version in frozen] == [None, *[version.pk for version in frozen[:3]]]
    assert len({version.root for version in frozen}) == 1
    assert Shard.objects.count() == 3


def test_two_stratified_cuts_at_once_put_nothing_into_two_places(world: Any, dataset: Any, approve: Any) -> None:
    approve([f"s{n}.jpg" for n in range(30)])
    by, gate = world.actor(world.manager), Barrier(3)
    asked: dict[str, Any] = {"splits": {"a": 0.5, "b": 0.5}, "stratify": "label"}
    versions = [services.cut(dataset, q=q, by=by, **asked) for q in ("", 'key < "s2"', 'key > "s1"')]

    def run(version: Version) -> str:
        try:
            gate.wait()
            return execute(version.job_id or 0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(run, versions)) == ["done"] * 3
    places: dict[str, str] = {}
    for version in queries.versions(dataset):
        for row in reading.rows(version):
            assert places.setdefault(row.key, row.split) == row.split
    assert len(places) == 30


def _killed(job_id: int, log: Path, known: int) -> None:
    """The job in a process of its own, killed as soon as it has written one more shard."""
    process = own_process.spawn("tests.releases.process", job_id, log=log)
    try:
        end = time.monotonic() + 30
        while Shard.objects.count() <= known:
            assert time.monotonic() < end, process.said()
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    Job.objects.filter(pk=job_id, state="running").update(state="queued", attempts=0)  # as the sweeper does once its lease is over


def test_killed_again_and_again_it_goes_on_and_no_reader_sees_a_part(world: Any, dataset: Any, approve: Any, run_jobs: Any, tmp_path: Path) -> None:
    """Readers look 50 times a second: a version is there whole or not at all."""
    approve(KEYS[:2])
    services.cut(dataset, by=world.actor(world.manager))
    run_jobs()
    approve(KEYS[2:])
    version = services.cut(dataset, by=world.actor(world.manager))
    stop, seen, looks = Event(), set[int](), 0

    def look() -> None:
        nonlocal looks
        try:
            while not stop.is_set():
                for each in queries.versions(dataset):
                    assert len(list(reading.rows(each))) == each.counts["items"] and reading.verify(each)
                    seen.add(each.number or 0)
                looks += 1
                time.sleep(0.02)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(look)
        try:
            for n in range(2):
                known = Shard.objects.count()
                _killed(version.job_id or 0, tmp_path / f"log{n}", known)
                assert not queries.versions(dataset).filter(number=2).exists()
            written = set(Shard.objects.values_list("pk", flat=True))
            run_jobs()
            time.sleep(0.1)
        finally:
            stop.set()
        reader.result()
    version.refresh_from_db()
    assert (version.state, version.number) == ("frozen", 2) and seen == {1, 2} and looks > 10
    assert len(written & set(reading.shard_ids(version))) == 2
    assert reading.verify(version)
    assert [row.key for row in reading.rows(version)] == sorted(KEYS)


def test_what_is_approved_while_a_version_is_cut_is_in_the_next_one(world: Any, dataset: Any, approve: Any) -> None:
    from workflows.releases.cutting import build
    from workflows.releases.freezing import freeze

    approve(KEYS[:6])
    version = services.cut(dataset, by=world.actor(world.manager))

    class Busy:
        """Approves another item, and relabels one, as soon as the snapshot stands."""

        def progress(self, done: int, total: int | None = None) -> None:
            approve(["zz.jpg"])
            approve(["a02.jpg"], "sign")

        def report(self, *_: Any) -> None: ...

    freeze(version, build(version, Busy()), by=None)  # type: ignore[arg-type]
    found = {row.key: row.document for row in reading.rows(version)}
    assert sorted(found) == sorted(KEYS[:6])
    assert "sign" not in found["a02.jpg"]
    assert reading.verify(version)


def test_a_cancelled_cut_has_failed_and_leaves_no_number(world: Any, dataset: Any, approve: Any, run_jobs: Any) -> None:
    approve(KEYS)
    version = services.cut(dataset, by=world.actor(world.manager))
    Job.objects.filter(pk=version.job_id).update(cancel_requested=True)
    run_jobs()
    version.refresh_from_db()
    assert (version.state, version.number) == ("failed", None)


def _url() -> str:
    here = connection.settings_dict
    if here["PASSWORD"] or here["PORT"]:
        return f"postgresql://{here['USER']}:{here['PASSWORD']}@{here['HOST']}:{here['PORT']}/{here['NAME']}"
    return f"postgresql://{here['USER']}@/{here['NAME']}?host={here['HOST']}"

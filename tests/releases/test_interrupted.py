"""Cuts side by side, and cuts that die: numbers have no gaps, and a version is there whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from annotate.jobs.models import Job
from annotate.jobs.services import execute
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


def test_a_cut_that_is_killed_goes_on_with_the_shards_it_wrote(
    world: Any, dataset: Any, approve: Any, run_jobs: Any, tmp_path: Path
) -> None:
    approve(KEYS)
    version = services.cut(dataset, by=world.actor(world.manager))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.releases.process", str(version.job_id)],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": _url()},
            stdout=log,
            stderr=log,
        )
        try:
            end = time.monotonic() + 30
            while not Shard.objects.exists():
                assert time.monotonic() < end, (tmp_path / "log").read_text()
                time.sleep(0.02)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    written = set(Shard.objects.values_list("pk", flat=True))
    assert 1 <= len(written) < 3
    assert not queries.versions(dataset).exists()
    Job.objects.filter(pk=version.job_id, state="running").update(
        state="queued"
    )  # as the sweeper does once its lease is over
    run_jobs()
    version.refresh_from_db()
    assert (version.state, version.number) == ("frozen", 1)
    assert written < set(reading.shard_ids(version))
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

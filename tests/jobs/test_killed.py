"""Whatever is killed with -9, every job is done in the end, and its effect counts once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.jobs.models import Job
from tests.jobs.conftest import Processes, alive, children

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")]


def states() -> set[str]:
    return set(Job.objects.values_list("state", flat=True))


def test_a_busy_worker(processes: Processes, steps: Callable[..., Job]) -> None:
    processes.start()
    long, others = steps(20, 0.1), [steps() for _ in range(4)]
    processes.until(lambda: processes.worker_of(long.pk))
    os.kill(processes.worker_of(long.pk) or 0, signal.SIGKILL)
    processes.until(lambda: states() == {"done"})
    long.refresh_from_db()
    assert (long.attempts, long.result) == (2, {"steps": 20})
    assert set(Job.objects.filter(pk__in=[job.pk for job in others]).values_list("attempts", flat=True)) == {1}


def test_idle_workers_one_after_the_other(processes: Processes, steps: Callable[..., Job]) -> None:
    """This can leave the cluster waiting for ever on a lock; the clock sees it and the cluster is started afresh."""
    processes.start()
    processes.until(processes.workers)
    time.sleep(0.5)  # they wait for work now
    for pid in processes.workers():
        with contextlib.suppress(ProcessLookupError):  # it went with a cluster that was started afresh
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.7)  # the sentinel puts another in its place
    for _ in range(5):
        steps()
    processes.until(lambda: states() == {"done"}, 20)
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_the_whole_cluster_and_its_head_alone(processes: Processes, steps: Callable[..., Job]) -> None:
    processes.start()
    first = steps(15, 0.1)
    processes.until(lambda: processes.worker_of(first.pk))
    processes.kill("cluster")
    processes.start("cluster")
    processes.until(lambda: states() == {"done"})

    second = steps(15, 0.1)
    processes.until(lambda: processes.worker_of(second.pk))
    head = processes.running["cluster"]
    family = [pid for sentinel in children(head.pid) for pid in (sentinel, *children(sentinel))]
    assert len(family) >= 5
    head.kill()
    processes.until(lambda: not any(alive(pid) for pid in family), 3)
    processes.start("cluster")
    processes.until(lambda: states() == {"done"})


def test_a_cluster_that_stands_still_ends_by_its_own_clock_and_leaves_nothing(processes: Processes, steps: Callable[..., Job]) -> None:
    processes.start("both")
    head = processes.running["both"]
    processes.until(lambda: len(children(head.pid)) == 2)
    sentinel, clock = children(head.pid)
    os.kill(clock, signal.SIGKILL)  # another takes its place
    processes.until(lambda: len(set(children(head.pid)) - {sentinel, clock}) == 1, 10)
    processes.until(lambda: len(children(sentinel)) >= 4)
    family = [*children(sentinel), sentinel]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    steps()
    assert head.wait(20) == 3
    processes.until(lambda: not any(alive(pid) for pid in family), 3)
    processes.start("both")
    processes.until(lambda: states() == {"done"}, 20)


def test_asked_to_stop_a_running_job_goes_back_to_the_queue(processes: Processes, steps: Callable[..., Job]) -> None:
    processes.start()
    job = steps(100, 0.1)
    processes.until(lambda: processes.worker_of(job.pk))
    began = time.monotonic()
    processes.running["cluster"].terminate()
    assert processes.running["cluster"].wait(10) == 0
    assert time.monotonic() - began < 5
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_postgres(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, processes: Processes, steps: Any) -> None:
    """Killed and started again under load: every job is done, and cluster and clock are still the same processes."""
    from django.db import connection

    from tests.jobs.postgres_process import own_server

    with own_server(tmp_path_factory, connection) as server:
        processes.environment["DATABASE_URL"] = server.dsn
        processes.start()
        jobs = [steps(5, 0.1) for _ in range(6)]
        processes.until(lambda: Job.objects.filter(state="running").exists())
        before = {name: process.pid for name, process in processes.running.items()}
        connection.close()
        os.kill(server.pid() or 0, signal.SIGKILL)
        server.process.wait()
        server.start()
        processes.until(lambda: states() == {"done"}, 20)
        assert Job.objects.count() == len(jobs)
        assert before == {name: process.pid for name, process in processes.running.items()}
        assert all(process.poll() is None for process in processes.running.values())
        processes.stop()

"""A small supervisor for real job processes, and the job that they run."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import own_process


class Processes:
    """The cluster and the clock of `tests.jobs.process`; restarts the cluster when the clock says that it stands still."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = {**os.environ, "DATABASE_URL": url, "SLUICE_WORKERS": "2"}
        self.log = folder / "processes.log"
        self.work_log = folder / "work.log"
        self.work_log.touch()
        self.running: dict[str, own_process.Own] = {}
        self.restarts = 0

    def start(self, *names: str) -> None:
        for name in names or ("cluster", "clock"):
            self.running[name] = own_process.spawn("tests.jobs.process", name, log=self.log, environment=self.environment)

    def kill(self, name: str) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def stop(self) -> None:
        for name in self.running:
            self.kill(name)

    def keep(self) -> None:
        if "clock" in self.running and self.running["clock"].poll() == 3:
            self.kill("cluster")
            self.restarts += 1
            self.start()

    def until(self, reached: Callable[[], object], seconds: float = 150) -> None:
        end = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < end, f"not reached; {self.log.read_text()[-3000:]}"
            self.keep()
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """Process ids of the cluster's workers; the sentinel starts them before its monitor and pusher."""
        sentinel = children(self.running["cluster"].pid)
        return children(sentinel[0])[:2] if sentinel and len(children(sentinel[0])) >= 4 else []

    def worker_of(self, job_id: int) -> int | None:
        lines = [line.split() for line in self.work_log.read_text().splitlines()]
        return next((int(pid) for job, pid in reversed(lines) if int(job) == job_id), None)


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[Processes]:
    made = Processes(own_process.database_url(), tmp_path)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def steps(processes: Processes) -> Callable[..., Any]:
    """`steps(n, seconds)`: a queued job for the processes."""
    from annotate.jobs import broker
    from annotate.jobs.models import Job
    from annotate.people.models import Organisation

    def make(n: int = 1, seconds: float = 0.01) -> Job:
        organisation, _made = Organisation.objects.get_or_create(name="Killed")
        arguments = {"n": n, "seconds": seconds, "log": str(processes.work_log)}
        job = Job.objects.create(organisation=organisation, kind="test.steps", arguments=arguments)
        broker.send(job.pk)
        return job

    return make

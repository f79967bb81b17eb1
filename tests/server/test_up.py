"""`up` as an operator lives with it: first run, second start, two at once, and what happens when parts are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.server.running import ROOT, Up, clean_environment, data_folder, free_port, running

pytestmark = pytest.mark.slow


JOB = """
import time
from annotate.jobs.models import Job
from annotate.jobs.services import enqueue
from annotate.people.models import Organisation
where = Organisation.objects.first() or Organisation.objects.create(name="made by a test")
job = enqueue("media.renditions", organisation_id=where.pk, by=None, arguments={"blobs": []})
began = time.monotonic()
while Job.objects.get(pk=job.pk).state != "done" and time.monotonic() - began < 100:
    time.sleep(0.1)
print("took", time.monotonic() - began)
"""


def run_a_job(server: Up) -> float:
    """Seconds from asking for a small piece of background work to its end."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", JOB],
        cwd=ROOT, env=clean_environment(SLUICE_DATA=str(server.data)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout.split("took")[1])


@pytest.fixture(scope="module")
def server() -> Iterator[Up]:
    with running(first=True) as up:
        yield up


def test_without_a_demo_it_prints_a_link_that_makes_the_first_owner(server: Up) -> None:
    assert server.line("url:").startswith(server.url)
    path = server.line("first run:").removeprefix(server.url)
    status, page = server.call("GET", path)
    assert status == 200 and "csrf" in page
    assert server.call("GET", "/first-run/guessed")[0] == 404


def test_debug_is_off_and_no_secret_is_readable_by_others(server: Up) -> None:
    status, page = server.call("GET", "/nothing/here")
    assert status == 404 and "Traceback" not in page and "urlconf" not in page.lower()
    secrets = list((server.data / "secrets").iterdir())
    assert secrets and all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in secrets)
    assert all(stat.S_IMODE((server.data / name).stat().st_mode) == 0o700 for name in ("secrets", "media", "logs"))


def test_who_sends_a_long_body_in_vain_gets_to_read_why(server: Up) -> None:
    """The answer comes before the body was read; a sender that was cut off would see a broken connection (status 0)."""
    for path in ("/api/v1/projects", "/api/v1/leases/1/submit"):
        status, problem = server.call("POST", path, {"name": "x" * 60_000_000}, timeout=60)
        assert (status, problem["code"]) == (401, "unauthenticated")


def test_the_schema_and_its_pages_are_served(server: Up) -> None:
    assert server.call("GET", "/api/v1/me")[0] == 401
    assert server.call("GET", "/sign-in")[0] == 200


def test_hundreds_of_pages_that_stay_open_keep_nobody_out(server: Up) -> None:
    with contextlib.ExitStack() as open_pages:
        for _page in range(600):
            line = open_pages.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(15) == b"HTTP/1.1 200 OK"
        assert server.call("GET", "/healthz", timeout=5)[0] == 200


def test_a_killed_web_worker_comes_back(server: Up) -> None:
    victims = server.descendants("granian")
    assert len(victims) >= 3, "a master and two workers"
    for victim in victims[1:]:
        victim.kill()
    server.wait("/readyz", timeout=20)


def test_a_killed_web_master_comes_back(server: Up) -> None:
    server.descendants("granian")[0].kill()
    time.sleep(0.3)
    server.wait("/readyz", timeout=20)


def test_a_killed_postgres_comes_back(server: Up) -> None:
    pid = int((server.data / "pgdata" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    server.wait("/readyz", timeout=20)


def test_killed_background_processes_come_back(server: Up) -> None:
    def clocks() -> set[int]:
        return {process.pid for process in server.descendants("jobs_cluster") if process.name() == "sluice-clock"}

    def everything() -> set[int]:
        return {process.pid for process in server.descendants("jobs_cluster")}

    for those in (clocks, everything, clocks):
        before = those()
        assert before
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 15
        while not (those() - before and clocks() - before):
            assert time.monotonic() < end, "they did not come back"
            time.sleep(0.1)


def test_work_goes_on_when_each_idle_job_process_was_killed(server: Up) -> None:
    """A django-q cluster can stand still when an idle worker dies; it must notice, or be started again."""
    for victim in server.descendants("jobs_cluster")[1:]:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
        time.sleep(0.2)
    assert run_a_job(server) < 90


def test_a_killed_supervisor_leaves_nothing_running_and_the_next_start_goes_on() -> None:
    with data_folder() as data:
        server = Up(data, free_port()).start()
        family = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]  # type: ignore[union-attr]
        server.kill()
        _gone, alive = psutil.wait_procs(family, timeout=20)
        assert not [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
        again = server.start()
        assert again.seconds < 15
        assert again.call("GET", "/readyz")[0] == 200
        assert again.stop() == 0


def test_two_servers_run_side_by_side(server: Up) -> None:
    with running() as other:
        assert other.call("GET", "/readyz")[0] == server.call("GET", "/readyz")[0] == 200
        assert other.line("first run:") != server.line("first run:")


def test_ctrl_c_stops_everything() -> None:
    with data_folder() as data:
        server = Up(data, free_port()).start()
        family = psutil.Process(server.process.pid).children(recursive=True)  # type: ignore[union-attr]
        assert server.stop() == 0
        assert not psutil.wait_procs(family, timeout=5)[1]

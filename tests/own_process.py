"""Processes of their own for tests that kill them: `spawn("tests.rounds.process", "settle", 7)` is `python -m tests.rounds.process settle 7`.

They are forked from one that has loaded the product and does nothing else (`python -m tests.own_process`): to load it anew for each
takes more than a second, which is most of what such a test would cost. One that is there for a test's database has no connection,
no thread and no other test's settings; what a process changes of the product ends with it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TOLD = ("SLUICE_", "DATABASE_", "DJANGO_")  # what settings are read from


class Forks:
    """The process that is forked from; it ends when this one does."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.own_process"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.statuses: dict[int, int] = {}
        self.rest = b""
        atexit.register(self.end)

    def fork(self, module: str, arguments: tuple[str, ...], log: Path) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(
            json.dumps({"module": module, "arguments": arguments, "log": str(log)}).encode() + b"\n"
        )
        self.process.stdin.flush()
        while (told := self._told(60)) is not None:
            if "forked" in told:
                return int(told["forked"])
        raise AssertionError("nothing was forked")

    def status(self, pid: int, seconds: float) -> int | None:
        """Its exit status, below zero by a signal; None while it runs."""
        end = time.monotonic() + seconds
        while pid not in self.statuses:
            if self._told(max(0.0, end - time.monotonic())) is None:
                return None
        return self.statuses[pid]

    def _told(self, seconds: float) -> dict[str, Any] | None:
        assert self.process.stdout is not None
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                return None
            more = os.read(self.process.stdout.fileno(), 65536)
            assert more, "the process that is forked from has ended"
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        told: dict[str, Any] = json.loads(line)
        if "ended" in told:
            self.statuses[told["ended"]] = told["status"]
        return told

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.process.stdin.close()  # type: ignore[union-attr]
        self.process.wait(10)


_forks: dict[str, Forks] = {}


class Own:
    """A process of its own, the head of its group; what it says goes to `log`."""

    def __init__(self, forks: Forks, module: str, arguments: tuple[object, ...], log: Path) -> None:
        self.forks, self.log = forks, log
        self.pid = forks.fork(module, tuple(map(str, arguments)), log)

    def poll(self) -> int | None:
        return self.forks.status(self.pid, 0)

    def wait(self, seconds: float = 60) -> int:
        found = self.forks.status(self.pid, seconds)
        assert found is not None, f"it has not ended in {seconds} s: {self.said()}"
        return found

    def kill(self) -> None:
        """At once, if it still runs."""
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]


def spawn(module: str, *arguments: object, log: Path, environment: dict[str, str] | None = None) -> Own:
    """It runs from now on; without an environment of its own, on the test's database."""
    environment = {**os.environ, "DATABASE_URL": database_url()} if environment is None else environment
    key = json.dumps({name: environment[name] for name in sorted(environment) if name.startswith(TOLD)})
    if key not in _forks:
        _forks[key] = Forks(environment)
    return Own(_forks[key], module, arguments, log)


def dies(module: str, *arguments: object) -> None:
    """It runs until it kills itself, and nothing else ends it."""
    with tempfile.NamedTemporaryFile(prefix="sluice-own-") as log:
        process = spawn(module, *arguments, log=Path(log.name))
        try:
            status = process.wait(120)
            assert status == -signal.SIGKILL, (status, process.said())
        finally:
            process.kill()


def database_url() -> str:
    """That of the test's own database."""
    from django.db import connection

    here = connection.settings_dict
    if here["PASSWORD"] or here["PORT"]:
        return f"postgresql://{here['USER']}:{here['PASSWORD']}@{here['HOST']}:{here['PORT']}/{here['NAME']}"
    return f"postgresql://{here['USER']}@/{here['NAME']}?host={here['HOST']}"


def _run(asked: dict[str, Any]) -> None:
    """In the fork: the module as Python would run it."""
    import runpy

    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing, log = (
        os.open(os.devnull, os.O_RDONLY),
        os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
    )
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    sys.argv = [asked["module"], *asked["arguments"]]
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


def _fork(asked: dict[str, Any], line: int) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.close(line)
        _run(asked)
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:  # noqa: BLE001  whatever it is, it must not go on as the one that is forked from
        import traceback

        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _serve() -> None:
    """A line of JSON on standard input is a process to make; lines out tell of its begin and of its end."""
    import gc
    import threading

    import django

    django.setup()
    import workflows.server.urls  # noqa: F401  what nearly all that is run loads

    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()  # what is loaded stays shared: nobody that is forked looks through it
    line = os.dup(1)  # whatever else is printed here goes to standard error
    os.dup2(2, 1)
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_about: None)
    tell = lambda **told: os.write(line, json.dumps(told).encode() + b"\n")  # noqa: E731
    rest = b""
    while True:
        ready = select.select([0, awake], [], [])[0]
        if awake in ready:
            os.read(awake, 4096)
            with contextlib.suppress(ChildProcessError):
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    tell(ended=ended[0], status=os.waitstatus_to_exitcode(ended[1]))
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                return
            *asked, rest = (rest + more).split(b"\n")
            for each in asked:
                tell(forked=_fork(json.loads(each), line))


if __name__ == "__main__":
    _serve()

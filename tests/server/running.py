"""A server as a user starts it, in a folder and on a port of its own, for tests that kill parts of it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.cluster import begin_migrated

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment without what the tests have set for themselves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLUICE_", "DATABASE_", "DJANGO_"))}
    return kept | more


@dataclass
class Up:
    """`manage.py up` as a child; `shown` are the lines it printed."""

    data: Path
    port: int
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None
    shown: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def start(self, timeout: float = 90) -> Up:
        began = time.monotonic()
        self.shown = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(self.port), "--data", str(self.data), *self.arguments],
            cwd=ROOT, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.shown.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                self.seconds = time.monotonic() - began
                return self
            assert time.monotonic() - began < timeout, self.shown
        raise AssertionError(f"up ended: {self.shown}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def line(self, start: str) -> str:
        return next(line[len(start) :].strip() for line in self.shown if line.startswith(start))

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", timeout: float = 10) -> tuple[int, Any]:
        """(status, JSON or text); status 0 when nothing answered."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=content, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                status, raw = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, raw = error.code, error.read()
        except OSError:
            return 0, None
        try:
            return status, json.loads(raw)
        except ValueError:
            return status, raw.decode(errors="replace")

    def wait(self, path: str = "/readyz", *, timeout: float = 30) -> float:
        """Seconds until `path` answers 200."""
        began = time.monotonic()
        while time.monotonic() - began < timeout:
            if self.call("GET", path, timeout=2)[0] == 200:
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"{path} did not answer in {timeout} s")

    def descendants(self, *words: str) -> list[psutil.Process]:
        assert self.process is not None
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if all(word in " ".join(process.cmdline()) for word in words):
                    found.append(process)
        return found

    def kill(self) -> None:
        """The supervisor alone, at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(40)
        finally:
            if self.process.stdout:
                self.process.stdout.close()


@contextlib.contextmanager
def data_folder(*, first: bool = False) -> Iterator[Path]:
    """A folder that Postgres may enter also when root runs the tests (pytest's own are closed to others). Migrations have run there,
    unless the `first` start of all is what is asked for."""
    folder = Path(tempfile.mkdtemp(prefix="sluice-up-"))
    folder.chmod(0o755)
    try:
        if not first:
            begin_migrated(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(*arguments: str, first: bool = False) -> Iterator[Up]:
    with data_folder(first=first) as data:
        server = Up(data, free_port(), arguments).start()
        try:
            yield server
        finally:
            server.stop()

"""The processes that the supervisor keeps alive: started in groups of their own, restarted when they end, stopped in order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
SOONEST, LATEST = 0.5, 15.0  # seconds until a child that keeps failing is started again


def _end_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return in_child


@dataclass
class Child:
    """One process and what it started. `grace` is how many seconds it may take to end by itself."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    grace: float = 15.0
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    due: float = field(default=0.0)

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                list(self.command), env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=_end_with_parent(),
            )  # fmt: skip
        self.started = time.monotonic()

    def keep(self) -> int | None:
        """Starts it when it is not running and due; returns the exit status when it has just ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
            return None
        status = self.process.poll()
        if status is None:
            if now - self.started > 60:
                self.failures = 0
            return None
        self.kill()  # what is left of its group
        self.process = None
        self.due = now + min(SOONEST * 2**self.failures, LATEST)
        self.failures += 1
        return status

    def ask(self) -> None:
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def kill(self) -> None:
        """The whole group at once, also when its head has gone."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def stop_all(children: Sequence[Child]) -> None:
    """Ask all, wait for each its grace, then kill what is left."""
    for child in children:
        child.ask()
    for child in children:
        if child.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(child.grace)
            child.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(5)

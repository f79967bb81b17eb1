"""A copy of the repository with nothing installed: the first `up --demo`, the second, and what all processes hold when idle."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tests.bench.measuring import cpu, pss, received
from tests.server.running import ROOT, free_port

DOWNLOADS = ("installing Python packages", "installing packages of static")


def _copy(folder: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    for name in filter(None, listed):
        path = ROOT / os.fsdecode(name)
        if path.is_file():
            target = folder / os.fsdecode(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _start(folder: Path, port: int) -> tuple[subprocess.Popen[str], list[tuple[float, str]]]:
    """(the supervisor, its lines with the seconds at which they came)."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLUICE_", "VIRTUAL_ENV", "DJANGO_"))}
    python = getattr(sys, "_base_executable", sys.executable)
    began = time.monotonic()
    process = subprocess.Popen(
        [python, "manage.py", "up", "--demo", "--port", str(port), "--data", str(folder / "data")],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append((time.monotonic() - began, line.rstrip()))
        if line.startswith("Ctrl-C"):
            return process, lines
    raise RuntimeError("\n".join(line for _when, line in lines))


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    process.wait(60)


def _downloading(lines: list[tuple[float, str]]) -> float:
    """Seconds spent in steps that fetch packages: from each such line to the next line."""
    spent = 0.0
    for (began, line), (ended, _next) in pairwise(lines):
        if line.startswith(DOWNLOADS):
            spent += ended - began
    return spent


def measure() -> dict[str, object]:
    folder = Path(tempfile.mkdtemp(prefix="sluice-bench-"))
    folder.chmod(0o755)
    try:
        _copy(folder)
        port, before = free_port(), received()
        process, lines = _start(folder, port)
        fetched = (received() - before) / 2**20
        first, downloading = lines[-1][0], _downloading(lines)
        _stop(process)
        process, lines = _start(folder, port)
        second = lines[-1][0]
        time.sleep(30)  # thumbnails that the first start left to do, and whatever else settles
        memory, spent = pss(process.pid), cpu(process.pid)
        time.sleep(20)
        idle = (cpu(process.pid) - spent) / 20
        _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "fresh machine to first page, seconds": round(first, 1),
        "of which installing packages": round(downloading, 1),
        "MB received": round(fetched),
        "second start, seconds": round(second, 2),
        "idle PSS MB": round(sum(memory.values())),
        "by process": {kind: round(size) for kind, size in sorted(memory.items())},
        "idle CPU %": round(idle * 100, 2),
    }

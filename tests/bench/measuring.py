"""What the benchmarks read off the machine: bytes received, CPU of a process tree, memory, and a client that costs little."""

from __future__ import annotations

import contextlib
import http.client
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

TICK, LONGEST = 0.05, 0.25  # seconds between two looks
IDLE = 20.0  # seconds after which a server may have closed a connection that nobody uses


def pause(waited: float) -> float:
    """Seconds until something that takes long is asked about again: asking twenty times a second would cost it a fifth of a core."""
    return min(max(TICK, waited / 50), LONGEST)


def received() -> int:
    """Bytes that came in over the network, loopback apart, since boot."""
    counted = psutil.net_io_counters(pernic=True)
    return sum(nic.bytes_recv for name, nic in counted.items() if name != "lo")


def family(pid: int) -> list[psutil.Process]:
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


def cpu(pid: int, *, ended: bool = False) -> float:
    """CPU seconds of a process and its living descendants; with `ended` of those too that have ended and were waited for."""
    total = 0.0
    for process in family(pid):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + (times.children_user + times.children_system if ended else 0)
    return total


def pss(pid: int) -> dict[str, float]:
    """MB of proportional set size by kind of process; shared pages count once over all of them."""
    found: dict[str, float] = {}
    for process in family(pid):
        with contextlib.suppress(psutil.Error):
            line = " ".join(process.cmdline())
            kind = next((word for word in ("granian", "jobs_cluster", "postgres") if word in line), "supervisor")
            found[kind] = found.get(kind, 0.0) + process.memory_full_info().pss / 2**20
    return found


def shared(pid: int, kind: str) -> float:
    """MB of what processes of a kind share by name, as Postgres does its buffers: pages that were touched count once over all of them."""
    found = 0.0
    for process in family(pid):
        with contextlib.suppress(psutil.Error, OSError):
            if kind in " ".join(process.cmdline()):
                told = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
                found += sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss_Shmem:")) / 1024
    return found


def reset_peaks(pids: Sequence[int]) -> None:
    """Let the kernel count the peak resident size anew."""
    for pid in pids:
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> float:
    """Peak resident MB since `reset_peaks`; 0 for a process that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0.0


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


class Client:
    """One kept-alive connection that speaks as a token."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.last = 0.0

    def call(self, method: str, path: str, body: Any = None, *, kind: str = "application/json", **headers: str) -> Any:
        """The JSON answer, None for 204; an error ends the benchmark with its words."""
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        extra = {"Content-Type": kind} if raw is not None else {}
        if time.monotonic() - self.last > IDLE:
            self.connection.close()
        self.connection.request(method, f"/api/v1{path}", raw, {**self.headers, **extra, **headers})
        answer = self.connection.getresponse()
        content = answer.read()
        self.last = time.monotonic()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:600].decode(errors='replace')}")
        return json.loads(content) if content else None

    def finished(self, job: dict[str, Any], *, timeout: float = 1800) -> dict[str, Any]:
        """The job when it has ended well."""
        began = time.monotonic()
        while (waited := time.monotonic() - began) < timeout:
            found: dict[str, Any] = self.call("GET", f"/jobs/{job['id']}")
            if found["state"] == "done":
                return found
            if found["state"] in ("failed", "cancelled"):
                raise RuntimeError(f"job {found['kind']} {found['state']}: {found['error']}")
            time.sleep(pause(waited))
        raise RuntimeError(f"job {job['id']} did not end")

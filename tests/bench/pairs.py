"""`submit?next=1`: 8 people, each on one kept-alive connection, answer and get the next task in one call."""

from __future__ import annotations

import threading
import time

from tests.bench.measuring import Client, cpu, median
from tests.bench.serving import Place, manifest, place

SECONDS, ITEMS = 10.0, 40_000
ANSWER = {
    "annotation": {
        "objects": [
            {"id": f"00000000-0000-4000-8000-00000000000{n}", "kind": "box", "label": "car", "box": [10 * n, 20, 40, 30]} for n in range(3)
        ],
        "item": {},
    },
    "seconds": 1.5,
}


def _work(port: int, token: str, queue: int, until: list[float], counted: list[int], delays: list[float]) -> None:
    client = Client(port, token)
    bundle = client.call("POST", f"/queues/{queue}/next")
    n = 0
    while bundle is not None and time.monotonic() < until[0]:
        began = time.monotonic()
        bundle = client.call("POST", f"/leases/{bundle['lease']['id']}/submit?next=1", ANSWER)["next"]
        delays.append(time.monotonic() - began)
        n += 1
    counted.append(n)


def _round(here: Place, queue: int, seconds: float) -> tuple[float, float, list[float]]:
    """(pairs per second, CPU ms of all server processes per pair, delays)."""
    until, counted, delays = [time.monotonic() + seconds], [], []  # type: ignore[var-annotated]
    before, began = cpu(here.pid), time.monotonic()
    crew = [threading.Thread(target=_work, args=(here.up.port, token, queue, until, counted, delays)) for token in here.tokens]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    done = sum(counted)
    return done / (time.monotonic() - began), (cpu(here.pid) - before) / done * 1000, delays


def measure() -> dict[str, object]:
    with place() as here:
        project = here.project("pairs")
        here.manifest(here.batch(project, "work"), manifest(ITEMS, objects=0))
        queue = here.owner.call("POST", f"/projects/{project['id']}/queues", {"name": "boxes", "stage": "annotate"})["id"]
        here.owner.call("POST", f"/queues/{queue}/fill")
        _round(here, queue, 2)  # warm: connections, plans, schema
        rounds = [_round(here, queue, SECONDS) for _ in range(3)]
    delays = sorted(delay for *_rest, found in rounds for delay in found)
    return {
        "pairs per second": round(median([rate for rate, *_rest in rounds])),
        "CPU ms per pair (web, database, jobs)": round(median([cost for _rate, cost, _delays in rounds]), 2),
        "p50 ms": round(delays[len(delays) // 2] * 1000, 1),
        "p95 ms": round(delays[int(len(delays) * 0.95)] * 1000, 1),
        "people": len(here.tokens),
    }

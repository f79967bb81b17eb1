"""Manifest imports: references alone and with 3 boxes each, from the request to the job's end, and the memory that grows with N or not."""

from __future__ import annotations

import datetime as dt
import time

from tests.bench.measuring import cpu, median, peak, reset_peaks
from tests.bench.serving import Place, manifest, place

ITEMS, MANY, RUNS = 50_000, 200_000, 3


def measure() -> dict[str, object]:
    with place() as here:
        here.manifest(here.batch(here.project("first"), "manifest"), manifest(1000))  # whatever is done once is done
        figures: dict[str, object] = {}
        for name, objects in (("references", 0), ("with 3 boxes each", 3)):
            figures |= _rate(here, name, objects)
        figures["peak MB of the worker, 50,000 with boxes"] = _peak(here, ITEMS)
        figures["peak MB of the worker, 200,000 with boxes"] = _peak(here, MANY)
    return figures


def _import(here: Place, name: str, body: bytes, items: int) -> tuple[float, float, float]:
    """(seconds from the request to the job's end, seconds of the job alone, CPU seconds of all processes)."""
    batch = here.batch(here.project(name), "manifest")
    before, began = cpu(here.pid), time.monotonic()
    job = here.manifest(batch, body)
    took, spent = time.monotonic() - began, cpu(here.pid) - before
    assert job["result"]["accepted"] == items, job
    _rest(here, batch["project"])
    alone = dt.datetime.fromisoformat(job["ended_at"]) - dt.datetime.fromisoformat(job["started_at"])
    return took, alone.total_seconds(), spent


def _rest(here: Place, project: int) -> None:
    """Until the background work that follows an import is done: its facts are measured then, which `bench facts` tells of."""
    quiet = 0
    while quiet < 3:
        time.sleep(1)
        rows = here.owner.call("GET", f"/jobs?project={project}&limit=100")["results"]
        quiet = quiet + 1 if all(one["state"] in ("done", "failed", "cancelled") for one in rows) else 0


def _rate(here: Place, name: str, objects: int) -> dict[str, object]:
    body, rates, alone, costs = manifest(ITEMS, objects=objects), [], [], []
    for n in range(RUNS):
        took, job, spent = _import(here, f"{name} {n}", body, ITEMS)
        rates.append(ITEMS / took)
        alone.append(ITEMS / job)
        costs.append(spent / ITEMS * 1000)
    return {
        f"50,000 {name}, items per second": round(median(rates)),
        f"50,000 {name}, items per second of the job alone": round(median(alone)),
        f"50,000 {name}, CPU ms per item": round(median(costs), 3),
        f"50,000 {name}, runs": [round(rate) for rate in rates],
    }


def _peak(here: Place, items: int) -> int:
    workers = [process.pid for process in here.up.descendants("jobs_cluster")]
    reset_peaks(workers)
    _import(here, f"memory {items}", manifest(items), items)
    return round(max(map(peak, workers)))

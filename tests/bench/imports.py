"""Manifest import: 10,000 items with 3 boxes each."""

from __future__ import annotations

import time

from tests.bench.measuring import cpu, median
from tests.bench.serving import manifest, place

ITEMS = 10_000


def measure() -> dict[str, object]:
    with place() as here:
        body, rates, costs = manifest(ITEMS), [], []
        for n in range(3):
            batch = here.batch(here.project(f"import {n}"), "manifest")
            before, began = cpu(here.pid), time.monotonic()
            job = here.manifest(batch, body)
            rates.append(ITEMS / (time.monotonic() - began))
            costs.append((cpu(here.pid) - before) / ITEMS * 1000)
            assert job["result"]["accepted"] == ITEMS, job
    return {"items per second": round(median(rates)), "CPU ms per item": round(median(costs), 2), "runs": [round(rate) for rate in rates]}

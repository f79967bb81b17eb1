"""A model's predictions on versions of 5,000 and 50,000 items with five boxes each: from the request to the report, and the worker's peak."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import orjson

from tests.bench.measuring import peak, reset_peaks
from tests.bench.serving import Place, manifest, place

SIZES = (5_000, 50_000)


def measure() -> dict[str, object]:
    figures: dict[str, object] = {}
    with place() as here:
        for items in SIZES:
            lines = manifest(items, approved=True, objects=5)
            version, said = _version(here, items, lines), predictions(lines)
            began = time.monotonic()
            with watched(here) as highest:
                asked = here.owner.call("POST", f"/versions/{version}/evaluations?model=bench&by=batch", said, kind="application/x-ndjson")
                evaluation = here.owner.finished(asked)["result"]["evaluation"]
            took = time.monotonic() - began
            report: Any = here.owner.call("GET", f"/evaluations/{evaluation}")["report"]
            assert report["items"]["measured"] == items and report["suspects"]["wrong_label"]["kept"], report["items"]
            figures |= {f"{items:,} items, items/s": round(items / took), f"{items:,} items, peak MB of the worker": round(max(highest)), f"{items:,} items, AP": round(report["box"]["AP"], 4)}
    return figures


@contextlib.contextmanager
def watched(here: Place, every: float = 0.05) -> Iterator[list[float]]:
    """The peaks of the workers, read while they work, `every` so many seconds: one that has grown is replaced after its job."""
    reset_peaks([process.pid for process in here.up.descendants("jobs_cluster")])
    found, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(every):
            found.append(max((peak(process.pid) for process in here.up.descendants("jobs_cluster")), default=0.0))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield found
    finally:
        over.set()
        looking.join()


def predictions(lines: bytes) -> bytes:
    """Of most boxes, a little off, some under another label, and some of nothing."""
    dice = Random(11)
    made = []
    for raw in lines.splitlines():
        line = orjson.loads(raw)
        objects = []
        for thing in line["annotation"]["objects"]:
            x, y, w, h = thing["box"]
            if dice.random() > 0.1:
                label = thing["label"] if dice.random() > 0.05 else "sign"
                objects.append({"label": label, "box": [x + round(dice.gauss(0, 2), 2), y + round(dice.gauss(0, 2), 2), w, h], "score": round(dice.uniform(0.3, 1), 4)})
        if dice.random() < 0.3:
            objects.append({"label": "car", "box": [round(dice.uniform(0, 1200), 2), round(dice.uniform(0, 650), 2), 40, 30], "score": round(dice.uniform(0.3, 1), 4)})
        made.append(orjson.dumps({"key": line["key"], "objects": objects}))
    return b"\n".join(made)


def _version(here: Place, items: int, lines: bytes) -> int:
    project = here.project(f"evaluations {items}")
    here.manifest(here.batch(project, "all"), lines)
    known = here.owner.call("GET", f"/projects/{project['id']}/datasets")["results"]
    dataset = known[0] if known else here.owner.call("POST", f"/projects/{project['id']}/datasets", {"name": "bench"})
    job = here.owner.call("POST", f"/datasets/{dataset['id']}/versions", {"q": "", "message": "all"})
    return int(here.owner.finished(job)["result"]["version"])

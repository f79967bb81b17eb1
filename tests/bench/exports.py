"""A version of 50,000 items with 150,000 boxes, and its COCO export."""

from __future__ import annotations

import time

from tests.bench.measuring import peak, reset_peaks
from tests.bench.serving import manifest, place

ITEMS = 50_000


def measure() -> dict[str, object]:
    with place() as here:
        project = here.project("export")
        batch = here.batch(project, "all")
        began = time.monotonic()
        here.manifest(batch, manifest(ITEMS, approved=True))
        brought = time.monotonic() - began
        dataset = here.owner.call("GET", f"/projects/{project['id']}/datasets")["results"]
        dataset = dataset[0] if dataset else here.owner.call("POST", f"/projects/{project['id']}/datasets", {"name": "bench"})
        workers = [process.pid for process in here.up.descendants("jobs_cluster")]

        reset_peaks(workers)
        began = time.monotonic()
        asked = {"q": "", "message": "all", "splits": {"train": 0.8, "val": 0.1, "test": 0.1}, "by": "group"}
        version = here.owner.finished(here.owner.call("POST", f"/datasets/{dataset['id']}/versions", asked))["result"]["version"]
        cut, cut_peak = time.monotonic() - began, max(map(peak, workers))

        reset_peaks(workers)
        began = time.monotonic()
        job = here.owner.call("POST", f"/versions/{version}/exports", {"format": "coco", "media": "reference"})
        export = here.owner.finished(job)["result"]["export"]
        took, export_peak = time.monotonic() - began, max(map(peak, workers))
        files = here.owner.call("GET", f"/exports/{export}")["files"]
    return {
        "import approved, seconds": round(brought, 1),
        "cut version, seconds": round(cut, 2),
        "cut version, peak MB of the worker": round(cut_peak),
        "COCO export, seconds": round(took, 2),
        "COCO export, peak MB of the worker": round(export_peak),
        "COCO export, MB written": round(sum(file["size"] for file in files) / 2**20, 1),
    }

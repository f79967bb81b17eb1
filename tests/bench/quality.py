"""Consensus, agreement and confusion of a project of 100,000 items with three answers each: as jobs of the server, the first time, and after
1 % of the items were answered anew."""

from __future__ import annotations

import time
from typing import Any

from tests.bench.checks_rows import shell
from tests.bench.measuring import peak, reset_peaks
from tests.bench.quality_rows import CHANGE, FILL
from tests.bench.serving import Place, place

ITEMS = 100_000
ABOUT = {"measure": "alpha", "by": "label"}
# Figures of a job are kept for an hour; here they are asked for again at once.
OLD = "from workflows.quality.models import QualityReport\nQualityReport.objects.update(measured_at='2020-01-01T00:00Z')\n"


def measure(items: int = ITEMS) -> dict[str, object]:
    figures: dict[str, object] = {}
    with place() as here:
        project = here.project("quality")["id"]
        queue = here.owner.call("POST", f"/projects/{project}/queues", {"name": "three", "stage": "annotate", "q": 'key = "none"', "overlap": 3})["id"]
        own = {"PROJECT_": str(project), "QUEUE_": str(queue), "ITEMS_": str(items)}
        shell(here, _filled(FILL, own | {"SEED_": "1"}))
        workers = [process.pid for process in here.up.descendants("jobs_cluster")]
        reset_peaks(workers)
        for when in ("first", "after 1 % changed"):
            if when != "first":
                shell(here, _filled(CHANGE, own | {"SEED_": "2"}) + OLD)
            asked = (("agreement", f"agreement?measure={ABOUT['measure']}&by={ABOUT['by']}"), ("consensus", None), ("confusion", "confusion"))
            for name, path in asked:
                took, result = _job(here, project, path)
                figures[f"{name}, {when}, s"] = took
                figures[f"{name}, {when}"] = result
        figures["peak MB of a worker"] = round(max(map(peak, workers)))
    return figures


def _filled(code: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        code = code.replace(name, value)
    return code


def _job(here: Place, project: int, path: str | None) -> tuple[float, Any]:
    """Seconds from the request to the job's end, and what it says."""
    began = time.monotonic()
    if path is None:
        job = here.owner.call("POST", f"/projects/{project}/consensus", {})
    else:
        answer = here.owner.call("GET", f"/projects/{project}/{path}")
        job = answer if "state" in answer else next(one for one in here.owner.call("GET", f"/jobs?project={project}")["results"] if one["state"] != "done")
    done = here.owner.finished(job)
    return round(time.monotonic() - began, 2), done["result"]

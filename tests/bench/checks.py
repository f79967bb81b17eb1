"""Check runs over 50,000 and 1,000,000 items whose facts exist: from the request to the result, again after a threshold moved, applied and undone."""

from __future__ import annotations

import time
from typing import Any

from tests.bench.checks_rows import PICTURES, TEXTS, fill, shell
from tests.bench.measuring import pause, peak, reset_peaks
from tests.bench.serving import Place, place

SIZES = (50_000, 1_000_000)
# The same work in a process of its own, part by part; what it keeps is taken back.
PARTS = """
import json, time
from functools import partial
from django.db import transaction
from workflows.cleaning import checking, running, tallies
from workflows.cleaning.models import CheckRun
run = CheckRun.objects.select_related("project", "rule_set").get(pk=RUN)
laps, began = {}, time.perf_counter()
def lap(name):
    global began
    laps[name], began = round(time.perf_counter() - began, 2), time.perf_counter()
scope = running.scope_of(run)
prepared = running._prepared(run, scope)
assert not prepared.lacking
lap("read columns")
checking.check(prepared, limit=running.MOST)
lap("judge and count")
with transaction.atomic():
    checking.check(prepared, limit=running.MOST, keep=partial(running._keep, run, tallies.Would()))
    lap("judge, count and keep findings")
    transaction.set_rollback(True)
print(json.dumps(laps))
"""


def measure() -> dict[str, object]:
    figures: dict[str, object] = {}
    with place() as here:
        for items in SIZES:
            for rows, packs in ((PICTURES, ("pictures", "driving")), (TEXTS, ("text",))):
                filled = here.project(f"{packs[0]} {items}")["id"]
                fill(here, rows, filled, items)
                for pack in packs:
                    figures |= {f"{items:,} items, {pack}: {name}": value for name, value in _pack(here, filled, pack).items()}
    return figures


def _pack(here: Place, project: int, pack: str) -> dict[str, Any]:
    for rule in here.owner.call("GET", f"/projects/{project}/rules?limit=200")["results"]:
        here.owner.call("DELETE", f"/rules/{rule['id']}")
    rules = here.owner.call("POST", f"/projects/{project}/rule-packs", {"pack": pack})["results"]
    workers = [process.pid for process in here.up.descendants("jobs_cluster")]
    reset_peaks(workers)
    took, job = _timed(here, f"/projects/{project}/checks", {})
    own = f"/check-runs/{job['result']['check_run']}"
    run = here.owner.call("GET", own)
    figures: dict[str, Any] = {
        "run, s": took,
        "peak MB of the worker": round(max(map(peak, workers))),
        "findings": sum(rule["result"].get("rows", 0) for rule in run["rules"]),
        "parts, s": shell(here, PARTS.replace("pk=RUN", f"pk={run['id']}")).strip(),
    }
    moved = next(rule for rule in rules if rule["kind"] in ("dark", "too_short"))
    here.owner.call("PATCH", f"/rules/{moved['id']}", {"parameters": {"threshold": 20 if moved["kind"] == "too_short" else 0.3}})
    figures["again after a threshold moved, s"] = _again(here, own, "again", "checked")
    figures["apply, s"] = _again(here, own, "apply", "applied")
    figures["undo, s"] = _again(here, own, "undo", "undone")
    return figures


def _timed(here: Place, path: str, body: Any) -> tuple[float, dict[str, Any]]:
    began = time.monotonic()
    job = here.owner.finished(here.owner.call("POST", path, body))
    return round(time.monotonic() - began, 2), job


def _again(here: Place, run: str, move: str, state: str) -> float:
    """Seconds from the request until the run is in the state."""
    began = time.monotonic()
    here.owner.call("POST", f"{run}/{move}", {})
    while here.owner.call("GET", run)["state"] != state:
        waited = time.monotonic() - began
        assert waited < 1800
        time.sleep(pause(waited))
    return round(time.monotonic() - began, 2)

"""500 people at 30 seconds an item for ten minutes, and 1,000 who ask for the next task at once.

SLUICE_BENCH_SECONDS makes the ten minutes shorter or longer. Histories go through the checker of tests/concurrency.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

from tests.bench.measuring import cpu, pss, shared
from tests.bench.serving import Place, place
from tests.concurrency.history import Call, History, Stored, faults
from tests.server.running import ROOT, clean_environment

SECONDS = float(os.environ.get("SLUICE_BENCH_SECONDS", "600"))
PEOPLE, RUSH, ITEMS = 500, 1000, 20_000
_CROWD = """
from django.utils import timezone
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.people.services import create_token
from annotate.projects.models import Project, ProjectMember
project = Project.objects.get(pk={project})
people = Person.objects.bulk_create([Person(name=f"crowd {{n:04d}}", password="!") for n in range({people})])
Membership.objects.bulk_create([Membership(organisation=project.organisation, person=person, role="member") for person in people])
ProjectMember.objects.bulk_create([ProjectMember(project=project, person=person, role="annotator") for person in people])
for person in people:
    print(create_token("bench", scopes=["read", "label"], organisation_id=project.organisation_id, by=Actor.of(person))[1])
"""
_STORED = """
import json
from annotate.annotations.models import Annotation
for one in Annotation.objects.filter(item__project={project}).iterator():
    print(json.dumps([one.pk, one.item_id, one.number, one.content["objects"][0]["id"], one.task_id, one.lease_id]))
"""


def shell(here: Place, program: str) -> list[str]:
    """What a program prints that runs inside the server's installation."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", program],
        cwd=ROOT, env=clean_environment(SLUICE_DATA=str(here.up.data)), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split("\n")


def plain(items: int) -> bytes:
    """NDJSON of references that belong to no group."""
    return "\n".join(f'{{"key":"{n:08d}.jpg","uri":"s3://bench/{n:08d}.jpg","width":1280,"height":720}}' for n in range(items)).encode()


def played(told: dict[str, Any]) -> dict[str, Any]:
    """What the load client, in a process of its own, has seen."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.crowd_client"], cwd=ROOT, input=json.dumps(told), capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def percentile(values: list[float], share: float) -> float:
    """Milliseconds."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


class Watch(threading.Thread):
    """Memory of Postgres, its shared buffers apart, and of the other processes, every half minute."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.over = pid, threading.Event()
        self.seen: dict[str, list[int]] = {"shared buffers": [], "rest of postgres": [], "others": []}

    def run(self) -> None:
        while not self.over.wait(30):
            now, buffers = pss(self.pid), shared(self.pid, "postgres")
            self.seen["shared buffers"].append(round(buffers))
            self.seen["rest of postgres"].append(round(now["postgres"] - buffers))
            self.seen["others"].append(round(sum(now.values()) - now["postgres"]))


def measure() -> dict[str, object]:
    with place() as here:
        project = here.project("crowd")
        here.manifest(here.batch(project, "work"), plain(ITEMS))
        tokens = [line for line in shell(here, _CROWD.format(project=project["id"], people=RUSH)) if line.startswith("slc_")]
        queues = [
            here.owner.call("POST", f"/projects/{project['id']}/queues", {"name": name, "stage": "annotate"})["id"] for name in ("rush", "work")
        ]
        for queue in queues:
            here.owner.call("POST", f"/queues/{queue}/fill")
        time.sleep(5)
        idle = round(sum(pss(here.pid).values()))
        told = {"port": here.up.port, "tokens": tokens, "queue": queues[0], "part": "rush"}
        rush = played(told)
        watch = Watch(here.pid)
        watch.start()
        before, began = cpu(here.pid), time.monotonic()
        told |= {"tokens": tokens[:PEOPLE], "queue": queues[1], "part": "work", "seconds": SECONDS, "seconds_per_item": 30.0, "drafts": True}
        work = played(told)
        spent, lasted = cpu(here.pid) - before, time.monotonic() - began
        watch.over.set()
        time.sleep(10)
        after = pss(here.pid)
        stored = [Stored(*json.loads(line)) for line in shell(here, _STORED.format(project=project["id"])) if line.startswith("[")]
    calls = [Call(**call) for call in work["calls"]]
    rushed = [Call(**call) for call in rush["calls"]]
    leases = [call.told("lease") for call in rushed if call.grants]
    said = [str(fault) for fault in faults(History(calls, {queues[1]: 1}, stored=stored)) + faults(History(rushed, {queues[0]: 1}))]
    delays = work["delays"]
    return {
        f"{RUSH} next at once: seconds until all were answered": round(rush["lasted"], 2),
        "their answers": rush["statuses"],
        "leases that two people hold": len(leases) - len(set(leases)),
        f"{PEOPLE} people for {SECONDS:.0f} s": work["statuses"],
        **{f"{name}: p50, p95, p99 ms": [percentile(delays[name], share) for share in (0.5, 0.95, 0.99)] for name in ("submit", "save")},
        "CPU of one core, percent": round(spent / lasted * 100),
        "faults in the histories": said[:5],
        "MB (PSS) idle": idle,
        "MB (PSS) each half minute": watch.seen,
        "MB (PSS) after": {"all": round(sum(after.values())), **{kind: round(value) for kind, value in after.items()}},
    }

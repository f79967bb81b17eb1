"""`next` as a person waits for it, and submit and next as two requests; at 50,000 items, and with a million in the project."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from tests.bench.crowd import played, shell
from tests.bench.measuring import Client, cpu
from tests.bench.pairs import ANSWER
from tests.bench.serving import Place, place

ITEMS, MILLION, SECONDS, ROUNDS = 50_000, 1_000_000, 6.0, 3
_ITEMS = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('''
        INSERT INTO annotate_item (project_id, batch_id, key, uri, width, height, group_key, meta, state, created_at)
        SELECT {project}, {batch}, lpad(n::text, 8, '0') || '.jpg', 's3://bench/' || n || '.jpg', 1280, 720, '',
               jsonb_build_object('weather', (ARRAY['clear', 'rain', 'snow', 'fog'])[1 + n % 4], 'speed', n % 131), 'new', now()
        FROM generate_series({first}, {last}) AS n''')
    cursor.execute("VACUUM (ANALYZE) annotate_item")
"""
_PEOPLE = """
from annotate.people.actor import Actor
from annotate.people.models import Membership, Person
from annotate.people.services import create_token
from annotate.projects.models import Project, ProjectMember
project = Project.objects.get(pk={project})
for n in range(32):
    person = Person.objects.create(name=f"hand {{n}}", password="!")
    Membership.objects.create(organisation=project.organisation, person=person, role="member")
    ProjectMember.objects.create(project=project, person=person, role="annotator")
    print(create_token("bench", scopes=["read", "label"], organisation_id=project.organisation_id, by=Actor.of(person))[1])
"""


def add_items(here: Place, project: int, batch: int, first: int, last: int) -> None:
    """Rows of items, put in by the database itself; tasks come with the queue's next fill."""
    shell(here, _ITEMS.format(project=project, batch=batch, first=first, last=last))


def percentile(values: list[float], share: float) -> float:
    """Milliseconds."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


def _work(port: int, token: str, queue: int, until: float, joined: bool, delays: list[float]) -> None:
    client = Client(port, token)
    bundle = client.call("POST", f"/queues/{queue}/next")
    while bundle is not None and time.monotonic() < until:
        began = time.monotonic()
        said = client.call("POST", f"/leases/{bundle['lease']['id']}/submit{'?next=1' if joined else ''}", ANSWER)
        bundle = said["next"] if joined else client.call("POST", f"/queues/{queue}/next")
        delays.append(time.monotonic() - began)


def loop(here: Place, queue: int, *, joined: bool, people: int = 8) -> tuple[float, float, list[float]]:
    """A closed loop: (pairs per second, CPU ms a pair in all server processes, delays in seconds)."""
    delays: list[float] = []
    before, began = cpu(here.pid), time.monotonic()
    crew = [threading.Thread(target=_work, args=(here.up.port, token, queue, began + SECONDS, joined, delays)) for token in here.tokens[:people]]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return len(delays) / (time.monotonic() - began), (cpu(here.pid) - before) / len(delays) * 1000, delays


def _figures(here: Place, queue: int, tokens: list[str]) -> dict[str, Any]:
    """Each the median of `ROUNDS` runs, by its first figure."""
    def median(found: list[tuple[float, ...]]) -> tuple[float, ...]:
        return sorted(found)[len(found) // 2]

    loop(here, queue, joined=True)  # warm: connections, plans
    figures: dict[str, Any] = {}
    for words, joined in (("submit?next=1, 8 people", True), ("submit, then next, 8 people", False)):
        runs = [loop(here, queue, joined=joined) for _round in range(ROUNDS)]
        rate, cost = median([run[:2] for run in runs])
        delays = [delay for run in runs for delay in run[2]]
        figures[f"{words}: pairs/s, CPU ms, p50, p95 ms"] = [round(rate), round(cost, 2), percentile(delays, 0.5), percentile(delays, 0.95)]
    for people, pace in ((1, 0.0), (32, 1.0)):
        told = {"port": here.up.port, "tokens": tokens[:people], "queue": queue, "part": "work", "seconds": SECONDS, "seconds_per_item": pace,
                "drafts": False, "joined": False}  # fmt: skip
        runs = [played(told)["delays"]["next"][people:] for _round in range(ROUNDS)]
        p50, p95 = median([(percentile(delays, 0.5), percentile(delays, 0.95)) for delays in runs])
        figures[f"next, {people} {'person' if people == 1 else 'people'}, {pace:g} s of thought: p50, p95 ms"] = [p50, p95]
    return figures


def measure() -> dict[str, object]:
    with place() as here:
        project = here.project("nexts")
        batch = here.batch(project, "work")
        tokens = [line for line in shell(here, _PEOPLE.format(project=project["id"])) if line.startswith("slc_")]
        queue = here.owner.call("POST", f"/projects/{project['id']}/queues", {"name": "boxes", "stage": "annotate"})["id"]
        found: dict[str, object] = {}
        for first, last in ((1, ITEMS), (ITEMS + 1, MILLION)):
            add_items(here, project["id"], batch["id"], first, last)
            shell(here, f"from annotate.queues.fill import fill; fill({queue})")  # a request may not take as long as a million does
            for words, value in _figures(here, queue, tokens).items():
                found[f"{last:,} items: {words}"] = value
                print(f"{last:,} items: {words}: {value}", file=sys.stderr, flush=True)
    return found

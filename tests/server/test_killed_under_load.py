"""Parts of a running server are killed with -9 while people submit: what was acknowledged is stored, and counted once.

Every call, also those that nobody answered, goes through the checker of histories.
"""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest

from tests.bench.measuring import Client
from tests.bench.serving import Place, manifest, place
from tests.concurrency.history import Call, History, Stored, faults

pytestmark = pytest.mark.slow
SECONDS, ITEMS = 10.0, 1000
THINKS = 0.05  # seconds: however fast the server is, four people do not come to the end of the items


class Worker(threading.Thread):
    """Answers tasks until told to stop; a call whose answer was lost is sent again under the same Idempotency-Key."""

    def __init__(self, number: int, port: int, token: str, queue: int, until: float) -> None:
        super().__init__()
        self.number, self.calls = number, list[Call]()
        self.port, self.token, self.queue, self.until = port, token, queue, until
        self.acknowledged: dict[int, str] = {}  # annotation id → the mark it carries
        self.attempted: set[str] = set()
        self.wrong: list[str] = []
        self.repeats = 0

    def note(self, name: str, start: float, about: dict[str, Any], status: int, said: Any) -> None:
        """A line of the history; without a status, nothing came back."""
        told: dict[str, Any] | None = {"status": status} if status else None
        if told is not None and status == 200:
            lease, task = said["lease"], said["task"]
            told |= {"lease": lease["id"], "slot": lease["slot"], "expires": datetime.fromisoformat(lease["expires_at"]).timestamp()}
            told |= {"task": task["id"], "queue": task["queue"], "round": task["round"], "item": said["item"]["id"]}
        elif told is not None and status == 201:
            told |= {"annotation": said["annotation_id"], "revision": said["revision"]}
        self.calls.append(Call(name, self.number, start, time.time(), about, told))

    def call(self, name: str, about: dict[str, Any], path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """(status, answer); tries again while nothing, or only "busy", comes back."""
        first = True
        while time.monotonic() < self.until + 30:
            if not first:
                self.repeats += 1
                time.sleep(0.1)
            first = False
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
            start, status, said = time.time(), 0, None
            with suppress(OSError, http.client.HTTPException, ValueError):
                headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
                if key:
                    headers["Idempotency-Key"] = key
                connection.request("POST", f"/api/v1{path}", json.dumps(body) if body is not None else None, headers)
                answer = connection.getresponse()
                raw = answer.read()
                said = json.loads(raw) if raw and answer.status < 500 else None
                status = answer.status
            connection.close()
            self.note(name, start, about, status, said)
            if 0 < status < 500:
                return status, said
        raise AssertionError(f"{path} was never answered")

    def run(self) -> None:
        while time.monotonic() < self.until:
            status, bundle = self.call("next", {"queue": self.queue, "slot": 0}, f"/queues/{self.queue}/next")
            if status != 200:
                self.wrong.append(f"next: {status} {bundle}")
                return
            mark = str(uuid.uuid4())
            self.attempted.add(mark)
            document = {"objects": [{"id": mark, "kind": "box", "label": "car", "box": [1, 2, 30, 40]}], "item": {}}
            lease = bundle["lease"]["id"]
            about = {"lease": lease, "task": bundle["task"]["id"], "key": mark, "mark": mark}
            status, said = self.call("submit", about, f"/leases/{lease}/submit", {"annotation": document, "seconds": 1}, key=mark)
            time.sleep(THINKS)
            if status == 201:
                self.acknowledged[said["annotation_id"]] = mark
            else:
                self.wrong.append(f"submit: {status} {said}")


def killers(here: Place) -> list[Callable[[], None]]:
    def web_worker() -> None:
        here.up.descendants("granian")[-1].kill()

    def web() -> None:
        here.up.descendants("granian")[0].kill()

    def jobs() -> None:
        here.up.descendants("jobs_cluster")[-1].kill()

    def database() -> None:
        os.kill(int((here.up.data / "pgdata" / "postmaster.pid").read_text().split()[0]), 9)

    return [web_worker, database, jobs, web]


def test_what_was_acknowledged_is_stored_and_counted_once() -> None:
    with place() as here:
        project = here.project("under load")
        here.manifest(here.batch(project, "work"), manifest(ITEMS, objects=0))
        queue = here.owner.call("POST", f"/projects/{project['id']}/queues", {"name": "boxes", "stage": "annotate"})["id"]
        until = time.monotonic() + SECONDS
        workers = [Worker(number, here.up.port, token, queue, until) for number, token in enumerate(here.tokens[:4])]
        for worker in workers:
            worker.start()
        for kill in killers(here):
            time.sleep(SECONDS / 5)
            with suppress(IndexError, OSError):
                kill()
        for worker in workers:
            worker.join(60)
            assert not worker.is_alive()
        here.up.wait("/readyz")

        client = Client(here.up.port, here.owner.headers["Authorization"].removeprefix("Bearer "))
        stored = Counter[str]()
        per_item = Counter[int]()
        rows = list[Stored]()
        cursor = ""
        while cursor is not None:
            page = client.call("GET", f"/projects/{project['id']}/items?limit=500&q=answers%20%3E%3D%201{f'&cursor={cursor}' if cursor else ''}")
            for item in page["results"]:
                for revision in client.call("GET", f"/items/{item['id']}/annotations")["results"]:
                    stored[revision["objects"][0]["id"]] += 1
                    per_item[item["id"]] += 1
                    rows.append(Stored(revision["id"], item["id"], revision["revision"], revision["objects"][0]["id"]))
            cursor = page["next"]

    assert not [wrong for worker in workers for wrong in worker.wrong]
    acknowledged = {mark for worker in workers for mark in worker.acknowledged.values()}
    attempted = {mark for worker in workers for mark in worker.attempted}
    assert len(acknowledged) > 50, "too little was done to say anything"
    assert acknowledged <= set(stored) <= attempted
    assert max(stored.values()) == max(per_item.values()) == 1
    assert not faults(History([call for worker in workers for call in worker.calls], {queue: 1}, stored=rows))
    assert sum(worker.repeats for worker in workers) > 0, "nothing was interrupted"

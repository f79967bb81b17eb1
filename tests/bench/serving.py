"""A server for benchmarks, started as a user starts it, with an owner, a token and a project to work in."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench.measuring import Client
from tests.server.running import ROOT, Up, clean_environment, running

SCHEMA = {"labels": [{"name": name, "kinds": ["box"]} for name in ("car", "person", "sign")]}
BEGIN = """
from annotate.people.actor import Actor
from annotate.people.services import begin_server, create_person, create_token
from annotate.people.states import SCOPES
organisation, owner = begin_server(organisation="Bench", name="owner", password="long-enough-for-a-bench")
by = Actor.of(owner)
print(create_token("bench", scopes=SCOPES, organisation_id=organisation.pk, by=by)[1])
for n in range(8):
    password = None if n else "long-enough-for-a-bench"  # one signs in, all have tokens: to make a password takes a third of a second
    person, _ = create_person(f"annotator{n}", organisation_id=organisation.pk, password=password, by=by)
    print(create_token("bench", scopes=["read", "label"], organisation_id=organisation.pk, by=Actor.of(person))[1])
"""


@dataclass
class Place:
    up: Up
    owner: Client
    tokens: list[str]

    @property
    def pid(self) -> int:
        assert self.up.process is not None
        return self.up.process.pid

    def project(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = self.owner.call("POST", "/projects", {"name": name, "media": "image", "schema": SCHEMA})
        for n in range(len(self.tokens)):
            self.owner.call("POST", f"/projects/{made['id']}/members", {"person": f"annotator{n}", "role": "annotator"})
        return made

    def batch(self, project: dict[str, Any], name: str) -> dict[str, Any]:
        made: dict[str, Any] = self.owner.call("POST", f"/projects/{project['id']}/batches", {"name": name})
        return made

    def manifest(self, batch: dict[str, Any], body: bytes) -> dict[str, Any]:
        """The import's job, ended."""
        job = self.owner.call("POST", f"/batches/{batch['id']}/manifest", body, kind="application/x-ndjson")
        return self.owner.finished(job)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    with running() as up:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", BEGIN],
            cwd=ROOT, env=clean_environment(SLUICE_DATA=str(up.data)), capture_output=True, text=True, check=True,
        )  # fmt: skip
        tokens = [line for line in done.stdout.split() if line.startswith("slc_")]
        yield Place(up, Client(up.port, tokens[0]), tokens[1:])


def manifest(items: int, *, approved: bool = False, objects: int = 3) -> bytes:
    """NDJSON of references with `objects` boxes each; 20 frames make a group."""
    lines = []
    for n in range(items):
        boxes = ",".join(
            f'{{"kind":"box","label":"{("car", "person", "sign")[k % 3]}","box":[{10 + (n * 7 + k * 31) % 900},{20 + (n * 13 + k * 17) % 500},{40 + k * 5.5},{30 + n % 50}]}}'
            for k in range(objects)
        )
        document = f'"annotation":{{"objects":[{boxes}]}},"approved":{str(approved).lower()},' if objects else ""
        lines.append(f'{{"key":"take-{n // 20:05d}/{n % 20:04d}.jpg","uri":"s3://bench/{n:08d}.jpg","width":1280,"height":720,{document}"group":"take-{n // 20:05d}","frame":{n % 20}}}')
    return "\n".join(lines).encode()

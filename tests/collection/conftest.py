"""A batch to bring things into, and the way from an upload to its job's result."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


@dataclass
class Outcome:
    """What an import came to: its answer, the job, and the report's lines."""

    status: int
    job: dict[str, Any]
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def result(self) -> dict[str, Any]:
        return self.job["result"]

    @property
    def counts(self) -> tuple[int, int, int]:
        return tuple(self.result[name] for name in ("accepted", "rejected", "duplicate"))  # type: ignore[return-value]

    @property
    def codes(self) -> list[str]:
        return [line["code"] for line in self.lines]


@pytest.fixture
def batch(world: Any) -> Any:
    from annotate.items.services import create_batch

    return create_batch(world.project, "march", by=world.actor(world.manager))


@pytest.fixture
def text_batch(world: Any) -> Any:
    from annotate.items.services import create_batch
    from annotate.projects.services import create

    schema = {"labels": [{"name": "PER", "kinds": ["span"]}]}
    by = world.actor(world.owner)
    project = create("texts", media="text", schema=schema, organisation_id=world.organisation.pk, by=by)
    return create_batch(project, "march", by=by)


@pytest.fixture
def bring(world: Any, run_jobs: Callable[[], int]) -> Callable[..., Outcome]:
    """`bring(path, files={name: bytes})` or `bring(path, body=bytes, type=…)`: posts, runs the job, gives its `Outcome`."""

    def do(
        path: str,
        *,
        files: dict[str, bytes] | None = None,
        body: bytes | None = None,
        type: str = "application/x-ndjson",
        by: Any = None,
        **extra: Any,
    ) -> Outcome:
        api = world.api(by or world.manager)
        if files is not None:
            answer = api.upload(path, files, **extra)
        else:
            answer = api.client.post(f"/api/v1{path}", data=body, content_type=type, **extra)
        if answer.status_code != 202:
            return Outcome(answer.status_code, answer.json())
        run_jobs()
        job = api.get(f"/jobs/{answer.json()['id']}").json()
        report = b"".join(api.get(f"/jobs/{job['id']}/report").streaming_content)
        return Outcome(202, job, [json.loads(line) for line in report.splitlines()])

    return do


def make_zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def folder_zip(folder: Path) -> bytes:
    return make_zip(
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    )

"""Batches of real bytes, rules on them, and runs carried to their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest


@pytest.fixture
def collected(world: Any, run_jobs: Any) -> Callable[..., Any]:
    """`collected({"a.jpg": bytes, …}, project=…)`: a batch of these files, imported and measured."""

    def collect(files: Mapping[str, bytes], *, project: Any = None, name: str = "dirt") -> Any:
        from annotate.items.models import Batch

        project = project or world.project
        api = world.api(world.manager if project == world.project else world.owner)
        made = api.post(f"/projects/{project.pk}/batches", {"name": name}).json()
        assert api.upload(f"/batches/{made['id']}/files", dict(files)).status_code == 202
        run_jobs()
        return Batch.objects.select_related("project").get(pk=made["id"])

    return collect


@pytest.fixture
def rule(world: Any) -> Callable[..., Any]:
    """`rule("dark", action="quarantine", threshold=0.4)`: a rule of the world's project named after its kind."""

    def make(kind: str, *, name: str = "", action: str = "flag", project: Any = None, **parameters: Any) -> Any:
        from workflows.cleaning.services import create_rule

        return create_rule(project or world.project, name=name or kind, kind=kind, parameters=parameters, action=action, by=world.actor(world.owner))

    return make


@pytest.fixture
def checked(world: Any, run_jobs: Any) -> Callable[..., Any]:
    """`checked(batch)`: a dry run of all rules on it, to its end."""

    def check(batch: Any = None, **asked: Any) -> Any:
        from workflows.cleaning.models import CheckRun
        from workflows.cleaning.running import start

        project = batch.project if batch is not None else asked.pop("project", world.project)
        run = start(project, batch=batch, by=world.actor(world.owner), **asked)
        run_jobs()
        return CheckRun.objects.select_related("project", "batch", "rule_set").get(pk=run.pk)

    return check

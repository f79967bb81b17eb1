"""A server on a port, a dataset whose versions grow, and the client as people run it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[2] / "static" / "client" / "sluice.py"


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sluice", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sluice"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sluice() -> Iterator[ModuleType]:
    yield loaded()
    sys.modules.pop("sluice", None)


@dataclass
class Line:
    """`add(n)` approves n more references, `cut()` freezes them, `client(...)` runs the client against the server."""

    world: Any
    run_jobs: Callable[[], int]
    address: str
    module: ModuleType
    token: str
    dataset: Any = None
    keys: list[str] = field(default_factory=list)

    def add(self, n: int = 5, *, first: str = "road") -> list[str]:
        from annotate.annotations.services import ImportedAnnotation, add_imported
        from annotate.items.models import Batch
        from annotate.items.services import NewItem, add_items, create_batch
        from annotate.projects.queries import current_schema
        from tests.exporters.rows import box

        by = self.world.actor(self.world.manager)
        batch = Batch.objects.filter(project=self.world.project).first() or create_batch(self.world.project, "march", by=by)
        start = len(self.keys)
        keys = [f"{first}/{place:05d}.jpg" for place in range(start, start + n)]
        added = add_items(batch, [NewItem(key=key, uri=f"s3://lake/{key}", width=64, height=48) for key in keys], by=by)
        schema = current_schema(self.world.project.pk).pk
        rows = [ImportedAnnotation(added.accepted[key], {"objects": [box(at % 7 + 0.5, 2, 30.25, 4)]}, schema, approved=True) for at, key in enumerate(keys)]
        add_imported(rows, by=by)
        self.keys += keys
        return keys

    def cut(self, **more: Any) -> Any:
        from workflows.releases.services import create_dataset, cut

        by = self.world.actor(self.world.manager)
        self.dataset = self.dataset or create_dataset(self.world.project, "streets", by=by)
        made = cut(self.dataset, by=by, **({"message": "more"} | more))
        self.run_jobs()
        made.refresh_from_db()
        assert made.state == "frozen", made.job and made.job.error
        return made

    def export(self, version: Any, format: str = "jsonl", **more: Any) -> Any:
        from workflows.exporters.services import export

        made = export(version, format=format, by=self.world.actor(self.world.manager), **more)
        self.run_jobs()
        return made

    def relabel(self, key: str) -> None:
        """Another answer for the item, approved."""
        from annotate.annotations.services import ImportedAnnotation, add_imported
        from annotate.items.models import Item
        from annotate.projects.queries import current_schema
        from tests.exporters.rows import box

        item = Item.objects.get(project=self.world.project, key=key)
        row = ImportedAnnotation(item.pk, {"objects": [box(9, 9, 9, 9)]}, current_schema(self.world.project.pk).pk, approved=True)
        add_imported([row], by=self.world.actor(self.world.manager))

    def client(self, *arguments: str, token: str | None = None) -> int:
        return int(self.module.main([*arguments, "--server", self.address, "--token", token or self.token, "--patience", "5"]))


@pytest.fixture
def line(transactional_db: None, live_server: Any, world: Any, run_jobs: Callable[[], int], sluice: ModuleType) -> Line:
    return Line(world, run_jobs, live_server.url, sluice, world.token(world.viewer, "read", "export"))

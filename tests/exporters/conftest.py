"""A frozen version of six approved pictures, and asking for exports of it as the manager."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.exporters.rows import box


@pytest.fixture
def freeze(world: Any, make_items: Callable[..., list[Any]], run_jobs: Callable[[], int]) -> Callable[..., Any]:
    """`freeze(n=6, keys=None, **cut)`: n approved items with a box each, in a frozen version of the dataset "streets"."""

    def run(n: int = 6, keys: list[str] | None = None, **cut: Any) -> Any:
        from annotate.annotations.services import ImportedAnnotation, add_imported
        from annotate.projects.queries import current_schema
        from workflows.releases.models import Dataset
        from workflows.releases.services import create_dataset
        from workflows.releases.services import cut as cut_version

        by = world.actor(world.manager)
        items = [make_items(1, **({"key": key} if key else {}))[0] for key in (keys or [""] * n)]
        schema = current_schema(world.project.pk).pk
        documents = ({"objects": [box(place + 0.25, 2, 30.7, 4.125)], "item": {"weather": "rain"}} for place in range(len(items)))
        rows = [ImportedAnnotation(item.pk, document, schema, approved=True) for item, document in zip(items, documents, strict=True)]
        add_imported(rows, by=by)
        dataset = Dataset.objects.filter(project=world.project, name="scenes").first() or create_dataset(world.project, "scenes", by=by)
        made = cut_version(dataset, by=by, **({"message": "first"} | cut))
        run_jobs()
        made.refresh_from_db()
        assert made.state == "frozen", made.job and made.job.error
        return made

    return run


@pytest.fixture
def exported(world: Any, run_jobs: Callable[[], int]) -> Callable[..., Any]:
    """`exported(version, format="coco", …)`: the export, made."""

    def run(version: Any, format: str = "coco", **more: Any) -> Any:
        from workflows.exporters.services import export

        made = export(version, format=format, by=world.actor(world.manager), **more)
        run_jobs()
        made.refresh_from_db()
        return made

    return run

"""Approved items without files, keys at which ranges end, and versions cut by the job."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from workflows.releases.merkle import ends_range


def box_of(key: str, label: str = "car", at: float = 1, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{key}{label}")), "kind": "box", "label": label, "box": [at, 2, 10, 8], **more}


def labels_of(key: str, *labels: str, at: float = 1) -> dict[str, Any]:
    return {"objects": [box_of(key, label, at) for label in labels or ("car",)], "item": {}}


def ending(prefix: str) -> str:
    """A key with this prefix at which a range ends."""
    return next(key for n in range(10**6) if ends_range(key := f"{prefix}{n:06d}.jpg"))


# Three ranges: a…, b…, c…; the last has no end of its own.
KEYS = [*(f"a{n:02d}.jpg" for n in range(5)), ending("az"), *(f"b{n:02d}.jpg" for n in range(5)), ending("bz"), "c00.jpg", "c01.jpg"]


@pytest.fixture
def approve(world: Any) -> Callable[..., list[Any]]:
    """`approve(keys, *labels, approved=True, **fields)`: items of "streets" by reference, labelled and approved."""
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.items.models import Batch, Item
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.projects.queries import current_schema

    def make(keys: list[str], *labels: str, approved: bool = True, at: float = 1, project: Any = None, **fields: Any) -> list[Any]:
        project = project or world.project
        by = world.actor(world.owner if project == world.project else world.outsider)
        batch = Batch.objects.filter(project=project).first() or create_batch(project, "march", by=by)
        new = [
            NewItem(
                **{
                    "key": key,
                    "uri": f"https://pictures.test/{key}",
                    "sha256": hashlib.sha256(key.encode()).digest(),
                    "width": 64,
                    "height": 48,
                    **fields,
                }
            )
            for key in keys
        ]
        add_items(batch, new, by=by)
        found = {item.key: item for item in Item.objects.filter(project=project, key__in=keys)}
        schema = current_schema(project.pk).pk
        rows = [ImportedAnnotation(found[key].pk, labels_of(key, *labels, at=at), schema, approved=approved) for key in keys]
        add_imported(rows, by=by)
        return [found[key] for key in keys]

    return make


@pytest.fixture
def dataset(world: Any) -> Any:
    from workflows.releases.services import create_dataset

    return create_dataset(world.project, "streets", by=world.actor(world.manager))


@pytest.fixture
def cut(world: Any, dataset: Any, run_jobs: Any) -> Callable[..., Any]:
    """`cut(**options)`: a version, its job run; whatever state it ended in."""
    from workflows.releases import services

    def make(of: Any = None, **options: Any) -> Any:
        of = of or dataset
        by = options.pop("by", None) or world.actor(world.manager if of.project == world.project else world.outsider)
        version = services.cut(of, by=by, **options)
        run_jobs()
        version.refresh_from_db()
        return version

    return make

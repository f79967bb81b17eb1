"""Batches with approved items, versions that are cut of them, and work on them whose figures gates ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.queues.conftest import a_document, answer, queue_of
from tests.releases.conftest import cut, dataset

__all__ = ["a_document", "answer", "cut", "dataset", "queue_of"]


@pytest.fixture
def approved(world: Any) -> Callable[..., Any]:
    """`approved("march", 3)`: a batch with so many approved items."""
    from annotate.annotations.services import ImportedAnnotation, add_imported
    from annotate.items.models import Item
    from annotate.items.services import NewItem, add_items, create_batch
    from annotate.projects.queries import current_schema
    from tests.releases.conftest import labels_of

    def make(name: str, n: int = 3) -> Any:
        by = world.actor(world.owner)
        batch = create_batch(world.project, name, by=by)
        add_items(batch, [NewItem(key=f"{name}/{at:03d}.jpg", uri=f"https://pictures.test/{name}{at}", width=64, height=48) for at in range(n)], by=by)
        schema = current_schema(world.project.pk).pk
        rows = [ImportedAnnotation(item.pk, labels_of(item.key), schema, approved=True) for item in Item.objects.filter(batch=batch)]
        add_imported(rows, by=by)
        return batch

    return make

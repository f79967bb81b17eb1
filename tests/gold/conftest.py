"""Approved items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def approved(world: Any) -> Callable[..., int]:
    """`approved(item, *labels)`: an approved import of the item; the annotation's id."""

    def make(item: Any, *labels: str) -> int:
        from annotate.annotations.imported import ImportedAnnotation
        from annotate.annotations.models import Annotation
        from annotate.annotations.services import add_imported
        from annotate.projects.queries import current_schema
        from tests.queues.conftest import a_document

        row = ImportedAnnotation(item.pk, a_document(*labels), current_schema(world.project.pk).pk, approved=True)
        add_imported([row], by=world.actor(world.owner))
        return Annotation.objects.filter(item=item).latest("pk").pk

    return make

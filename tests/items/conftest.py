"""An item with a picture, and answers to it written straight into the tables, for rooms that only read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def answer(world: Any) -> Callable[..., Any]:
    """`answer(item, person, *objects, approved=False)`: a revision, shown as the current one."""

    def make(item: Any, person: Any, *objects: dict[str, Any], approved: bool = False) -> Any:
        from annotate.annotations.models import Annotation, CurrentAnnotation
        from annotate.kernel import canonical
        from annotate.projects.queries import current_schema
        from annotate.reviews.models import Approval

        text = canonical.dumps({"objects": list(objects), "item": {"weather": "rain"}})
        number = Annotation.objects.filter(item=item).count() + 1
        made = Annotation.objects.create(
            item=item,
            number=number,
            person=person,
            schema_version=current_schema(item.project_id),
            document=text,
            digest=canonical.digest(text),
        )
        CurrentAnnotation.objects.update_or_create(
            item=item, defaults={"project_id": item.project_id, "annotation": made}
        )
        if approved:
            Approval.objects.create(item=item, annotation=made, cause="review")
        return made

    return make


@pytest.fixture
def box() -> Callable[..., dict[str, Any]]:
    def make(label: str = "car", *values: float, n: int = 1) -> dict[str, Any]:
        return {
            "id": f"00000000-0000-4000-8000-{n:012d}",
            "kind": "box",
            "label": label,
            "box": list(values or (4, 5, 20, 10)),
        }

    return make


@pytest.fixture
def task(world: Any) -> Callable[..., Any]:
    """`task(item, person, live=True)`: a task of the item, leased by the person."""

    def make(item: Any, person: Any, *, live: bool = True, seconds: int = 900) -> Any:
        import datetime as dt

        from django.utils import timezone

        from annotate.projects.queries import current_schema
        from annotate.queues.models import Lease, Queue, Task

        queue, _made = Queue.objects.get_or_create(project=item.project, name="label", stage="annotate")
        made = Task.objects.create(queue=queue, item=item, n=Task.objects.filter(item=item).count() + 1)
        now = timezone.now()
        Lease.objects.create(
            task=made,
            queue=queue,
            item=item,
            person=person,
            schema_version=current_schema(item.project_id),
            expires_at=now + dt.timedelta(seconds=seconds),
            ended_at=None if live else now,
            ended_by="" if live else "release",
        )
        return made

    return make

"""Items that differ in everything a query can ask, with the same facts as plain values to judge answers by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

MARCH = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def matching(world: Any) -> Callable[..., list[str]]:
    """`matching(q)`: keys of the items of the project that match, sorted."""

    def run(q: str, project: Any = None) -> list[str]:
        from annotate.items.models import Item
        from annotate.search.compile import compile_query

        project = project or world.project
        rows = Item.objects.filter(compile_query(q, project.pk), project=project)
        return sorted(rows.values_list("key", flat=True))

    return run


@pytest.fixture
def put(world: Any) -> Callable[..., Any]:
    """`put("a", objects=[…], item={…}, by=person, held="x", approved=True, reviewer=person, answers=2, **columns)`: one item.

    Without `objects` it has no annotation.
    """

    def make(
        key: str,
        *,
        objects: list[dict[str, Any]] | None = None,
        item: dict[str, Any] | None = None,
        by: Any = None,
        held: str = "",
        approved: bool = False,
        reviewer: Any = None,
        answers: int = 0,
        batch: str = "march",
        created: dt.datetime = MARCH,
        size: int = 0,
        type: str = "image/png",
        project: Any = None,
        **columns: Any,
    ) -> Any:
        from annotate.annotations.projection import refresh
        from annotate.items.models import Batch, Item
        from annotate.media.models import Blob
        from annotate.queues.models import Hold
        from annotate.reviews.models import Approval, Review

        project = project or world.project
        within, _made = Batch.objects.get_or_create(project=project, name=batch)
        if size:
            digest = key.encode().ljust(32, b"\0")[:32]
            columns["blob"] = Blob.objects.create(organisation_id=project.organisation_id, sha256=digest, size=size, type=type)
        made = Item.objects.create(project=project, batch=within, key=key, **columns)
        Item.objects.filter(pk=made.pk).update(created_at=created)
        if objects is not None:
            annotation = _annotate(made, objects, item or {}, by)
            if approved:
                Approval.objects.create(item=made, annotation=annotation, cause="review")
            if reviewer is not None:
                Review.objects.create(item=made, annotation=annotation, person=reviewer, verdict="accept")
            refresh([made.pk])
        if held:
            Hold.objects.create(item=made, cause=held)
        _answer(made, answers, world)
        return made

    return make


def _annotate(item: Any, objects: list[dict[str, Any]], values: dict[str, Any], person: Any) -> Any:
    from annotate.annotations.models import Annotation
    from annotate.kernel import canonical
    from annotate.projects.queries import current_schema

    text = canonical.dumps({"objects": objects, "item": values})
    return Annotation.objects.create(
        item=item,
        number=1,
        person=person,
        schema_version=current_schema(item.project_id),
        document=text,
        digest=canonical.digest(text),
    )


def _answer(item: Any, answers: int, world: Any) -> None:
    from annotate.queues.models import Queue, Task

    people = (world.annotator, world.annotator2, world.manager)
    for stage in ("annotate", "review"):
        queue, _made = Queue.objects.get_or_create(project=item.project, name=stage, stage=stage)
        wanted = answers if stage == "annotate" else 1
        for n in range(wanted):
            Task.objects.create(queue=queue, item=item, n=n + 1, state="answered", person=people[n])
    Task.objects.create(queue=Queue.objects.get(project=item.project, name="annotate"), item=item, n=9)


def thing(label: str, kind: str = "box", **attributes: Any) -> dict[str, Any]:
    """An object as search sees one."""
    return {"label": label, "kind": kind, "attributes": attributes}

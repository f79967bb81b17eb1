"""Writing annotations: one revision, or many at once from an import. Nothing here changes a row that stands."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from annotate.activity.services import record
from annotate.annotations.imported import ImportedAnnotation, ImportResult, add_imported
from annotate.annotations.models import SOURCES, Annotation
from annotate.annotations.writing import append, lock_item
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.projects.models import Project

__all__ = ["ImportResult", "ImportedAnnotation", "add_imported", "add_revision"]


@transaction.atomic
def add_revision(
    item_id: int,
    *,
    document: dict[str, Any],
    schema_version: Any,
    by: Actor | None,
    source: str = "person",
    parent: Any = None,
    task: Any = None,
    lease: Any = None,
    seconds: float | None = None,
    request_key: str | None = None,
    request_digest: bytes | None = None,
) -> Annotation:
    """The item's next revision, from a document that `labels.validation.check` returned. Rows or ids are both taken.

    Locks the item, moves it to `labelled` where that is legal (an approved item stays approved) and shows the revision as
    current unless an approved one stands. `Missing` when there is no such item, `Gone` when it was erased.
    """
    if source not in SOURCES:
        raise Invalid(f"source must be one of {', '.join(SOURCES)}")
    project_id = lock_item(item_id)
    made, number, text, digest = append(
        item_id=item_id,
        project_id=project_id,
        document=document,
        schema_version_id=_id(schema_version) or 0,
        source=source,
        person_id=by.person_id if by else None,
        parent_id=_id(parent),
        task_id=_id(task),
        lease_id=_id(lease),
        seconds=seconds,
        request_key=request_key,
        request_digest=request_digest,
    )
    record(
        by,
        "annotation.add",
        ("annotation", made),
        organisation=Project.objects.values_list("organisation_id", flat=True).get(pk=project_id),
        project=project_id,
        after=digest,
        data={"item": item_id, "revision": number, "source": source},
    )
    return Annotation(
        id=made,
        item_id=item_id,
        number=number,
        parent_id=_id(parent),
        task_id=_id(task),
        lease_id=_id(lease),
        person_id=by.person_id if by else None,
        schema_version_id=_id(schema_version) or 0,
        source=source,
        document=text,
        digest=digest,
        seconds=seconds,
    )


def _id(thing: Any) -> int | None:
    return getattr(thing, "pk", thing)

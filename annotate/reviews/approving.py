"""The one way an approval comes to stand or ends. Callers hold the item's lock.

An item has at most one standing approval; it stands whatever is labelled since, until another one takes its place or the
item is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

from annotate.annotations.projection import refresh, show
from annotate.annotations.shape import Shape
from annotate.items.services import move
from annotate.kernel import copying
from annotate.kernel.clock import DatabaseNow
from annotate.reviews.models import Approval

SUPERSEDED = "superseded"
_COPY = "COPY annotate_approval (item_id, annotation_id, cause, person_id, ended_reason) FROM STDIN"


def approve(
    item_id: int, annotation_id: int, *, cause: str, person_id: int | None, review_id: int | None = None
) -> Approval:
    """This revision stands from now on, in place of any other, and the item is approved and shows it."""
    end(item_id, SUPERSEDED)
    made = Approval.objects.create(
        item_id=item_id, annotation_id=annotation_id, cause=cause, person_id=person_id, review_id=review_id
    )
    move([item_id], "approve")
    refresh([item_id])
    return made


def approve_many(
    annotations: Mapping[int, int], *, cause: str, person_id: int | None, shown: tuple[int, Mapping[int, Shape]] | None = None
) -> None:
    """The same for many items (item → revision) that nothing stands of yet, whose locks the caller holds.

    `shown`: (their project, item → shape) where the caller wrote the revisions in this transaction, and need not read them again.
    """
    items = sorted(annotations)
    person = copying.plain(person_id)
    with copying.references_known() if shown is not None else nullcontext():
        copying.copy(_COPY, (f"{item}\t{annotations[item]}\t{cause}\t{person}\t" for item in items))
    move(items, "approve")
    if shown is None:
        refresh(items)
    else:
        project, shapes = shown
        show([(item, project, annotations[item], shapes[item]) for item in items])


def end(item_id: int, reason: str) -> int:
    """End what stands, if anything does; the caller says what the item shows then (`projection.refresh`)."""
    return Approval.objects.filter(item_id=item_id, ended_at=None).update(ended_at=DatabaseNow(), ended_reason=reason)

"""Erasure: an item's content goes everywhere, its place in the history stays (who, what, when and digests).

Rooms above this one, and `workflows`, add to `erasures` what holds content of an item in forms of their own (shards,
exports): each is called in the same transaction, before the item's own content goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.items.keys import TOMBSTONE
from annotate.items.models import Item
from annotate.items.policies import may_erase
from annotate.items.related import rows
from annotate.items.states import ITEM
from annotate.kernel import canonical
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Gone, Invalid
from annotate.kernel.registry import Registry
from annotate.media.models import Blob
from annotate.people.actor import Actor

# name → f(item as it was, id of the erasure's activity row): rewrite or delete what is derived from the item.
erasures: Registry[Callable[[Item, int], object]] = Registry("erasures")
EMPTY = '{"objects":[]}'


@dataclass(frozen=True)
class Effect:
    """What an erasure takes, told before it is done. `shared` counts other items that keep the same bytes."""

    answers: int
    comments: int
    predictions: int
    leases: int
    size: int
    shared: int


def effect(item: Item) -> Effect:
    """What `erase` would take of the item; nothing changes."""

    def count(model: str, **more: object) -> int:
        return rows(model).filter(item=item, **more).count()

    shared = Item.objects.filter(blob_id=item.blob_id).exclude(pk=item.pk).count() if item.blob_id else 0
    return Effect(
        answers=count("Annotation"),
        comments=count("Comment"),
        predictions=count("Prediction"),
        leases=count("Lease", ended_at=None),
        size=item.blob.size if item.blob else len((item.text or "").encode()),
        shared=shared,
    )


@transaction.atomic
def erase(item: Item, *, reason: str, by: Actor) -> Item:
    """Erase the item for good. `Invalid` without a reason, `Gone` when it was erased before.

    Annotations keep number, person, time and digest, and lose their document. Bytes go with the last item of the
    organisation that refers to them, by a job that runs once this is committed.
    """
    require(may_erase(by, item.project))
    reason = canonical.check_text(reason or "").strip()
    if not reason or len(reason) > 500:
        raise Invalid(_("Say why the item is erased, in at most 500 characters."), fields={"reason": "required"})
    was = Item.objects.select_for_update(of=("self",)).select_related("project", "batch", "blob").get(pk=item.pk)
    if was.state == "erased":
        raise Gone(_("This item was erased."))
    state = ITEM.after(was.state, "erase")
    organisation_id = was.project.organisation_id
    act = record(
        by,
        "item.erase",
        was,
        organisation=organisation_id,
        project=was.project_id,
        before=bytes(was.sha256) if was.sha256 else None,
        data={"reason": reason},
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sluice.erasure', %s, true)", [str(act.pk)])
    for _name, forget in erasures:
        forget(was, act.pk)
    _forget_work(was)
    blob = was.blob
    Item.objects.filter(pk=was.pk).update(
        state=state,
        key=f"{TOMBSTONE}{was.pk}",
        blob=None,
        uri=None,
        text=None,
        sha256=None,
        meta={},
        group="",
        frame=None,
        captured_at=None,
    )
    if blob is not None:
        _forget_bytes(blob, organisation_id, by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sluice.erasure', '', true)")
    item.refresh_from_db()
    return item


def _forget_work(item: Item) -> None:
    """What people and models wrote about the item; rows of the rooms above, reached by their foreign keys to it."""
    tasks = rows("Task").filter(item=item)
    rows("Lease").filter(item=item, ended_at__isnull=True).update(ended_at=DatabaseNow(), ended_by="erase")
    rows("Draft").filter(task__in=tasks).delete()
    tasks.filter(state__in=("open", "returned", "parked")).update(state="void")
    rows("Approval").filter(item=item, ended_at__isnull=True).update(ended_at=DatabaseNow(), ended_reason="erased")
    for model in ("Prediction", "Comment", "Question", "Dispute", "Recheck", "LabelCount", "CurrentAnnotation"):
        rows(model).filter(item=item).delete()
    rows("Annotation").filter(item=item).update(document=EMPTY)
    rows("Skip").filter(item=item).update(reason="")
    rows("Hold").filter(item=item).update(reason="")
    rows("Hold").filter(item=item, ended_at__isnull=True).update(ended_at=DatabaseNow())


def _forget_bytes(blob: Blob, organisation_id: int, by: Actor) -> None:
    """Delete the blob's row when no item refers to it any more, and have its bytes purged."""
    Blob.objects.select_for_update().get(pk=blob.pk)
    if Item.objects.filter(blob=blob).exists():
        return
    from annotate.jobs.services import enqueue

    digest = blob.hex
    blob.delete()
    enqueue(
        "media.purge",
        organisation_id=organisation_id,
        by=by,
        arguments={"sha256": digest},
        key=f"media.purge:{organisation_id}:{digest}",
    )

"""Items and batches as the actor may see them.

Managers, reviewers and viewers see every item of a project; annotators and collectors only those they hold, have answered
or uploaded. What is not theirs is not there (`Missing`), whatever the way of asking.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from annotate.items import likeness
from annotate.items.models import Batch, Collector, Item
from annotate.items.related import rows
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.errors import Gone, Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.policies import SEES_ITEM_PAGES
from annotate.projects.queries import role


def _own(person_id: int) -> Q:
    """Items that the person holds by a live lease, has answered, or uploaded."""
    mine = {"item": OuterRef("pk"), "person_id": person_id}
    held = rows("Lease").filter(**mine, ended_at__isnull=True, expires_at__gt=DatabaseNow())
    answered = rows("Annotation").filter(**mine)
    tasks = rows("Task").filter(**mine).exclude(gold=True, state="open")  # as with what is handed to anybody: while it is held
    return Q(created_by_id=person_id) | Q(Exists(held)) | Q(Exists(answered)) | Q(Exists(tasks))


def _seen_by(actor: Actor, project: Project) -> Q:
    held = role(actor, project)
    if held is None:
        return Q(pk__in=[])
    return Q() if held in SEES_ITEM_PAGES else _own(actor.person_id)


def visible(actor: Actor, project: Project) -> QuerySet[Item]:
    """The items of a project that the actor may see, without erased ones."""
    condition = _seen_by(actor, project)
    found = Item.objects.filter(condition, project=project).exclude(state="erased")
    return found.annotate(own_only=Value(True)) if condition else found


def get(actor: Actor, item_id: int, *, erased: bool = False) -> Item:
    """The item with its project, batch and blob, or `Missing`; `Gone` when it was erased (unless `erased` is asked for)."""
    found = (
        Item.objects.filter(pk=item_id, project__organisation_id__in=list(actor.organisations))
        .select_related("project", "batch", "blob")
        .first()
    )
    if found is None:
        raise Missing()
    condition = _seen_by(actor, found.project)
    found.own_only = bool(condition)  # type: ignore[attr-defined]
    if condition and not Item.objects.filter(condition, pk=item_id).exists():
        raise Missing()
    if found.state == "erased" and not erased:
        raise Gone(_("this item was erased"))
    return found


def as_seen(actor: Actor, items: Sequence[Item]) -> Sequence[Item]:
    """The same items, of `visible` or `get`, with the state that an actor who sees only their own may know of.

    What they are measured by is approved beforehand; until they have answered it stands as new, then as labelled, and as approved
    when what they answered beside it is (`likeness`). Nothing of this is to be saved.
    """
    own = [item.pk for item in items if getattr(item, "own_only", False)]
    if not own:
        return items
    given = likeness.states(own, actor.person_id)
    if not given:
        return items
    work = set(rows("Annotation").filter(item__in=given, person_id=actor.person_id).exclude(source="gold").values_list("item_id", flat=True))
    for item in items:
        if item.pk in given and item.pk not in work and item.state != "erased":
            item.state = given[item.pk]
    return items


def sees_all(actor: Actor, project: Project) -> bool:
    """Whether the actor sees the work of others on the item pages."""
    return role(actor, project) in SEES_ITEM_PAGES


def batches(actor: Actor, project: Project) -> QuerySet[Batch]:
    """The batches of a project: for those who see the item pages, and for collectors those that they upload to: where they
    are named, or nobody is."""
    held = role(actor, project)
    if held in SEES_ITEM_PAGES:
        return Batch.objects.filter(project=project)
    return Batch.objects.filter(collected_by(actor.person_id), project=project) if held == "collector" else Batch.objects.none()


def collected_by(person_id: int) -> Q:
    """Batches that name the person as a collector, or nobody."""
    named = Collector.objects.filter(batch=OuterRef("pk"))
    return ~Q(Exists(named)) | Q(Exists(named.filter(person_id=person_id)))


def get_batch(actor: Actor, batch_id: int) -> Batch:
    """The batch with its project, or `Missing`."""
    found = (
        Batch.objects.filter(pk=batch_id, project__organisation_id__in=list(actor.organisations))
        .select_related("project")
        .first()
    )
    if found is None or not batches(actor, found.project).filter(pk=batch_id).exists():
        raise Missing()
    return found

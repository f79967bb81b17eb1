"""Verdicts and comments as a person may see them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotate.annotations.models import Annotation, CurrentAnnotation
from annotate.items import queries as items
from annotate.items.models import Item
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.queues.models import Lease
from annotate.reviews.models import Comment, Review


def comments(actor: Actor, item: Item) -> QuerySet[Comment]:
    """All comments for those who see the item pages; annotators get their own and those on their own answers.

    While they hold a task that begins from imported labels which came back, also the words pinned to those.
    """
    rows = Comment.objects.filter(item=item).select_related("person", "resolved_by", "annotation")
    if items.sees_all(actor, item.project):
        return rows
    begun = Lease.objects.filter(
        item=item, person_id=actor.person_id, annotation=OuterRef("annotation"), ended_at=None, expires_at__gt=DatabaseNow()
    )
    own = _written(actor, "annotation__")
    return rows.filter(Q(person_id=actor.person_id) | own | Exists(begun))


def _written(actor: Actor, to: str = "") -> Q:
    """Revisions with the actor's words, also where somebody else put them back."""
    back = Q(**{f"{to}source": "undo"})
    own, parents = ({f"{to}{path}person_id": actor.person_id} for path in ("", "parent__"))
    return (Q(**own) & ~back) | (Q(**parents) & back)


def comment(actor: Actor, comment_id: int) -> Comment:
    """The comment with its item, or `Missing` when it is not there for the actor."""
    found = Comment.objects.select_related("item__project").filter(pk=comment_id).first()
    if found is None:
        raise Missing()
    item = items.get(actor, found.item_id)
    if not comments(actor, item).filter(pk=comment_id).exists():
        raise Missing()
    return found


def verdict(actor: Actor, review_id: int) -> Review:
    """The verdict with its item and the revisions it names, or `Missing` for who does not see the item pages."""
    found = Review.objects.select_related("item__project", "annotation", "fixed").filter(pk=review_id).first()
    if found is None:
        raise Missing()
    item = items.get(actor, found.item_id)
    if not items.sees_all(actor, item.project):
        raise Missing()
    return found


def spoken_of(actor: Actor, item: Item) -> Annotation | None:
    """The revision that a comment of this actor is about: the one that the item shows, for annotators their own answer."""
    rows = Annotation.objects.filter(item=item)
    if not items.sees_all(actor, item.project):
        return rows.filter(_written(actor)).order_by("-number").first()
    return rows.filter(pk__in=CurrentAnnotation.objects.filter(item=item).values("annotation_id")).first()

"""What people and machines said about an item: its annotations, each with who, when and whether it stands approved."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotate.items.models import Item
from annotate.items.queries import sees_all
from annotate.items.related import rows
from annotate.people.actor import Actor


def revisions(actor: Actor, item: Item) -> QuerySet[Any]:
    """The item's annotations with person and schema version; annotators and collectors get only their own answers.

    An answer that only measures its author is there for nobody else."""
    standing = rows("Approval").filter(annotation=OuterRef("pk"), ended_at__isnull=True)
    found = rows("Annotation").filter(item=item).select_related("person", "schema_version", "parent__person")
    found = found.annotate(approved=Exists(standing)).exclude(~Q(person_id=actor.person_id), source="gold")
    if sees_all(actor, item.project):
        return found
    back = Q(source="undo")  # their words, put there by who took a fix back
    return found.filter(Q(~back, person_id=actor.person_id) | Q(back, parent__person_id=actor.person_id))


def current(actor: Actor, item: Item) -> Any | None:
    """The annotation the item shows now: the approved one, else the latest, of those that the actor may see."""
    seen = revisions(actor, item)
    return seen.order_by("-approved", "-number").first()

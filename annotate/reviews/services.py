"""Verdicts, withdrawals and comments: the writes of the room that others call (imports approve in `annotations.imported`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.projection import refresh
from annotate.annotations.writing import lock_item
from annotate.items.models import Item
from annotate.items.services import move
from annotate.items.states import ITEM
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.people.actor import Actor
from annotate.reviews import approving, policies, queries
from annotate.reviews.judging import Judged, review
from annotate.reviews.models import Comment
from annotate.reviews.remarks import clean_comment, write

__all__ = ["Judged", "comment", "resolve", "review", "withdraw"]
LONGEST_REASON = 500


@transaction.atomic
def withdraw(item: Item, reason: str, *, by: Actor) -> Item:
    """An approved item stands no longer: later versions leave it out, earlier ones keep it. Its labels stay to be seen.

    `Conflict` when it is not approved. Work on it goes on when a queue serves it again.
    """
    require(policies.may_withdraw(by, item.project))
    why = check_text(reason).strip()
    if not why or len(why) > LONGEST_REASON:
        raise Invalid(_("Say why it is withdrawn."), fields={"reason": f"words, at most {LONGEST_REASON} characters"})
    lock_item(item.pk)
    item.refresh_from_db(fields=["state"])
    ITEM.after(item.state, "withdraw")
    approving.end(item.pk, why)
    move([item.pk], "withdraw")
    refresh([item.pk])
    record(by, "item.withdraw", item, organisation=item.project.organisation_id, project=item.project, data={"reason": why})
    item.state = "withdrawn"
    return item


@transaction.atomic
def comment(item: Item, text: str, *, object: Any = None, at: Any = None, by: Actor) -> Comment:
    """Words about an item, pinned to an object of the revision that the actor sees, to a point, or to neither.

    Annotators comment on their own answer; others on the one that the item shows.
    """
    require(policies.may_comment(by, item.project))
    about = queries.spoken_of(by, item)
    given: Mapping[str, Any] = {"text": text, "object": object, "at": at}
    sound = clean_comment(given, about, width=item.width, height=item.height)
    [made] = write([sound], item_id=item.pk, annotation_id=about.pk if about else None, person_id=by.person_id)
    data = {"item": item.pk, "annotation": made.annotation_id}
    record(by, "comment.add", made, organisation=item.project.organisation_id, project=item.project, data=data)
    return made


@transaction.atomic
def resolve(comment: Comment, *, by: Actor) -> Comment:
    """Settled. Again changes nothing: who settled it first stays on record."""
    found = queries.comment(by, comment.pk)
    require(policies.may_resolve(by, found.item.project))
    moved = Comment.objects.filter(pk=found.pk, resolved_at=None).update(resolved_at=DatabaseNow(), resolved_by=by.person)
    if moved:
        project = found.item.project
        record(by, "comment.resolve", found, organisation=project.organisation_id, project=project, data={"item": found.item_id})
    found.refresh_from_db()
    return found

"""Verdicts, approvals without a verdict, withdrawals and comments: every write of the room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.annotations.projection import refresh
from annotate.annotations.writing import lock_item
from annotate.items.models import Item
from annotate.items.services import move
from annotate.items.states import ITEM
from annotate.kernel import canonical
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.reviews import approving, policies, queries
from annotate.reviews.judging import Judged, review
from annotate.reviews.models import Approval, Comment
from annotate.reviews.remarks import clean_comment, write

__all__ = ["Judged", "approve_imported", "comment", "resolve", "review", "withdraw"]
LONGEST_REASON = 500


@transaction.atomic
def approve_imported(item_ids: Iterable[int], *, by: Actor) -> list[int]:
    """Let imported labels stand (cause `import`) where they are the newest revision; the ids of the items approved.

    Items where a person has answered since, or where that revision stands already, are left as they are. Items are of one
    project; `Missing` otherwise.
    """
    wanted = sorted(set(item_ids))
    if not wanted:
        return []
    projects = list(Project.objects.filter(pk__in=Item.objects.filter(pk__in=wanted).values("project_id")))
    if len(projects) != 1:
        raise Missing()
    project = projects[0]
    require(policies.may_approve_imported(by, project))
    list(Item.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    newest = Annotation.objects.filter(item=OuterRef("item_id")).order_by("-number").values("pk")[:1]
    found = (
        Annotation.objects.filter(item_id__in=wanted, source="import", pk=Subquery(newest))
        .exclude(item__state="erased")
        .exclude(Exists(Approval.objects.filter(annotation=OuterRef("pk"), ended_at=None)))
        .order_by("item_id")
    )
    approved = [(row.item_id, int(row.pk), bytes(row.digest)) for row in found]
    for item_id, annotation_id, _digest in approved:
        approving.approve(item_id, annotation_id, cause="import", person_id=by.person_id)
    if approved:
        record(
            by,
            "approval.add",
            ("item", approved[0][0]) if len(approved) == 1 else None,
            organisation=project.organisation_id,
            project=project,
            after=canonical.digest(b"".join(digest for _item, _annotation, digest in approved)),
            data={"count": len(approved), "first": approved[0][0], "last": approved[-1][0], "cause": "import"},
        )
    return [item_id for item_id, _annotation, _digest in approved]


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

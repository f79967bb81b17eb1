"""The author of returned work holds against it; somebody who had no part in it decides whether the return stands.

While a dispute is open the work waits, parked, at its author. Upheld, it is theirs to do again, as any return. Overturned, the
verdict counts no longer, as one that was taken back, and the revision is answered again: it waits for another's verdict, or is
approved at once by a verdict of who decides. What was said stays: the return, its comments, the dispute and its answer.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.annotations.projection import refresh
from annotate.annotations.writing import lock_item
from annotate.items import queries as items
from annotate.kernel import sql
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing, Stale
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.queues import leases, tasks
from annotate.queues.models import Lease, Task
from annotate.reviews import policies, undoing
from annotate.reviews.approving import approve
from annotate.reviews.judging import CAUSE, wrote
from annotate.reviews.models import Comment, Dispute, Review, Undo
from annotate.reviews.remarks import LONGEST
from annotate.reviews.states import DISPUTE

DECISIONS = {"uphold": "uphold", "overturn": "overturn"}


def _words(text: Any, field: str, *, required: bool) -> str:
    words = check_text(text).strip() if isinstance(text, str) else ""
    if (required and not words) or len(words) > LONGEST:
        raise Invalid(_("Say why."), fields={field: f"words, at most {LONGEST} characters"})
    return words


@transaction.atomic
def dispute(review_id: int, text: Any, *, by: Actor) -> Dispute:
    """Hold against a return of one's own work: it waits until somebody has decided.

    `Missing` for a verdict on work that is not the actor's to see, `Denied` on that of somebody else; `Conflict` when it is no return
    that waits at its author, or was disputed before; `Invalid` without words.
    """
    found = Review.objects.select_related("item__project", "annotation__person", "annotation__parent__person").filter(pk=review_id).first()
    if found is None:
        raise Missing()
    item, project = items.get(by, found.item_id), found.item.project
    author = found.annotation.author
    own = author is not None and author.pk == by.person_id
    if not own and not items.sees_all(by, item.project):
        raise Missing()
    require(policies.may_dispute(by, project, own=own))
    said = _words(text, "text", required=True)
    list(Task.objects.filter(item_id=found.item_id).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    if found.verdict != "return" or Undo.objects.filter(review=found).exists():
        raise Conflict(_("only a return that stands is disputed"), code="not_returned")
    if Dispute.objects.filter(review=found).exclude(state="withdrawn").exists():
        raise Conflict(_("this return was disputed already"), code="disputed")
    task = Task.objects.filter(annotation_id=found.annotation_id, queue__stage="annotate", person_id=by.person_id, state="returned").first()
    if task is None or Review.objects.filter(annotation_id=found.annotation_id, pk__gt=found.pk, undone=None).exists():
        raise Conflict(_("this work does not wait for you any more"), code="moved_on")
    for lease in Lease.objects.filter(task=task, ended_at=None).select_for_update():
        leases.end(lease.pk, "dispute")
    tasks.park(task.pk, person_id=by.person_id)
    made = Dispute.objects.create(review=found, item_id=found.item_id, task=task, person_id=by.person_id, against_id=found.person_id, text=said)
    _record(by, "dispute.open", made, project)
    return get(by, made.pk)


@transaction.atomic
def decide(dispute_id: int, decision: str, *, answer: Any = "", approves: bool = False, by: Actor) -> Dispute:
    """`uphold` the return or `overturn` it; overturned, the work is answered again and, with `approves`, approved at once.

    `Denied` for its author, for who returned it, and for who wrote any revision of the item, whatever role they hold; `Conflict`
    when it is decided already, or is to be approved though the item was labelled or judged since.
    """
    found = get(by, dispute_id)
    project = found.item.project
    require(policies.may_decide(by, project, part=by.person_id in (found.person_id, found.against_id), own=wrote(found.item_id, by)))
    if decision not in DECISIONS:
        raise Invalid(_("The decision is uphold or overturn."), fields={"decision": f"one of {', '.join(DECISIONS)}"})
    if approves and decision != "overturn":
        raise Invalid(_("Only what is overturned is approved."), fields={"approve": "only with overturn"})
    words = _words(answer, "answer", required=False)
    judged = undoing.lock_tasks(found.review)
    lock_item(found.item_id)
    _move(found, decision, answer=words, decided_by=by.person)
    if decision == "uphold":
        if found.task_id is not None:
            tasks.resume(found.task_id)
    else:
        found.accepted = _overturn(found.review, judged, approves, by)
        Dispute.objects.filter(pk=found.pk).update(accepted=found.accepted)
    _record(by, f"dispute.{decision}", found, project)
    return get(by, found.pk)


@transaction.atomic
def withdraw(dispute_id: int, *, by: Actor) -> Dispute:
    """Its author does the work again after all. `Conflict` when it is decided already."""
    found = get(by, dispute_id)
    project = found.item.project
    require(policies.may_dispute(by, project, own=found.person_id == by.person_id))
    undoing.lock_tasks(found.review)
    _move(found, "withdraw")
    if found.task_id is not None:
        tasks.resume(found.task_id)
    _record(by, "dispute.withdraw", found, project)
    return get(by, found.pk)


def _move(found: Dispute, move: str, **changes: Any) -> None:
    """By the table of `states.DISPUTE`, of several at once the first."""
    found.refresh_from_db(fields=["state"])
    after = DISPUTE.after(found.state, move)
    if not Dispute.objects.filter(pk=found.pk, state__in=DISPUTE.origins(move)).update(state=after, decided_at=DatabaseNow(), **changes):
        raise Stale()
    found.state = after


def _overturn(review: Review, judged: Task | None, approves: bool, by: Actor) -> Review | None:
    """The return counts no longer; the verdict that approves instead, if it is to. Tasks and item are locked."""
    since = (
        Annotation.objects.filter(item_id=review.item_id, number__gt=review.annotation.number).exists()
        or Review.objects.filter(item_id=review.item_id, pk__gt=review.pk, undone=None).exists()
    )
    if since and approves:
        raise Conflict(_("the item was labelled or judged again since: what stands now is not what was returned"), code="labelled_since")
    if not since:
        undoing.take_back_return(review)
    Undo.objects.create(review=review, person_id=by.person_id)
    Comment.objects.filter(review=review, resolved_at=None).update(resolved_at=DatabaseNow(), resolved_by=by.person)
    refresh([review.item_id])
    if not approves:
        if judged is not None and not since:
            undoing.wait_again(judged)
        return None
    made = Review.objects.create(
        item_id=review.item_id, task_id=review.task_id, annotation_id=review.annotation_id, person_id=by.person_id, round=review.round, verdict="accept"
    )
    stage = judged.queue.stage if judged is not None else "review"
    approve(review.item_id, int(review.annotation_id), cause=CAUSE[stage], person_id=by.person_id, review_id=int(made.pk))
    return made


def _record(by: Actor, verb: str, found: Dispute, project: Project) -> None:
    data = {"item": found.item_id, "review": found.review_id, "annotation": found.review.annotation_id, "approved": found.accepted_id is not None}
    record(by, verb, found, organisation=project.organisation_id, project=project, data=data)


def visible(actor: Actor, project: Project, state: str = "") -> QuerySet[Dispute]:
    """All of the project for who sees its item pages, else one's own."""
    rows = Dispute.objects.filter(item__project=project).exclude(item__state="erased")
    rows = rows.select_related("item", "person", "against", "decided_by", "review__annotation", "review__task__queue")
    if not items.sees_all(actor, project):
        rows = rows.filter(person_id=actor.person_id)
    return rows.filter(state=state) if state else rows


def waiting(project: Project) -> int:
    return Dispute.objects.filter(item__project=project, state="open").exclude(item__state="erased").count()


def get(actor: Actor, dispute_id: int) -> Dispute:
    """The dispute with its item; `Missing` for who neither began it nor sees the project's item pages."""
    rows = Dispute.objects.select_related("item__project", "person", "against", "decided_by", "review__annotation", "review__task__queue")
    found = rows.filter(pk=dispute_id).first()
    if found is None:
        raise Missing()
    item = items.get(actor, found.item_id)
    if found.person_id != actor.person_id and not items.sees_all(actor, item.project):
        raise Missing()
    return found


_PARTS = """
SELECT d.id FROM annotate_dispute d JOIN annotate_review r ON r.id = d.review_id
WHERE d.id = ANY(%(disputes)s::bigint[])
  AND (%(person)s::bigint IN (d.person_id, d.against_id) OR EXISTS (
      SELECT 1 FROM annotate_annotation a WHERE a.item_id = d.item_id AND a.person_id = %(person)s::bigint AND a.source <> 'undo'
        AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id)))
"""


def not_theirs(actor: Actor, disputes: list[Dispute]) -> set[int]:
    """Which of these the actor had a part in, so that others decide them."""
    return {row[0] for row in sql.rows(_PARTS, {"disputes": [one.pk for one in disputes], "person": actor.person_id})} if disputes else set()

"""Taking a verdict back: its author may have erred, and as long as nothing was built on it nothing is lost by that.

The verdict's own row stays as it was given; an `Undo` beside it says that it counts no longer. What it changed goes back:
an approval ends (and the one before it stands again), returned work is with the reviewer again and not with its author, a
fix is followed by a revision that says what its author had said: put there by who took the fix back, as a child of the
author's own, so that history tells who did what and nobody's work is counted twice. The task waits for a verdict anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.annotations.projection import refresh
from annotate.annotations.writing import append, lock_item
from annotate.items.models import Item
from annotate.items.services import move
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict
from annotate.kernel.registry import Registry
from annotate.people.actor import Actor
from annotate.queues.laying_aside import follow, take_up
from annotate.queues.leases import end as end_lease
from annotate.queues.models import Lease, Task
from annotate.queues.states import TASK
from annotate.reviews import policies, queries, rechecking
from annotate.reviews.approving import SUPERSEDED
from annotate.reviews.models import Adjudication, Approval, Comment, Dispute, Review, Undo
from annotate.reviews.states import DISPUTE

UNDONE = "undone"

# name → f(review): why what the verdict decided can no longer be taken back, "" when it can.
holders: Registry[Callable[[Review], str]] = Registry("holders of verdicts")


@dataclass(frozen=True)
class Undone:
    """`task_id` is the task that waits for a verdict again; None when its queue asks for none any more."""

    review_id: int
    item_id: int
    state: str
    task_id: int | None
    queue_id: int | None
    person_id: int | None  # who gave it


@transaction.atomic
def undo(review_id: int, *, by: Actor) -> Undone:
    """Take back the newest verdict on an item: who gave it, or a manager.

    `Missing` for a verdict that is not the actor's to see. `Conflict` when it was taken back before, when the item was
    judged or labelled since, when its author works on it again, or when the item is in a version.
    """
    if (second := rechecking.take_back(review_id, by=by)) is not None:
        waits = second.task is not None and wait_again(second.task)
        return Undone(second.pk, second.item_id, "labelled", second.task_id if waits else None, second.task.queue_id if second.task and waits else None, second.person_id)
    found = queries.verdict(by, review_id)
    project = found.item.project
    require(policies.may_undo(by, found, project))
    task = lock_tasks(found)
    lock_item(found.item_id)
    _check(found)
    if found.verdict == "return":
        take_back_return(found)
    else:
        _take_back_approval(found)
        if found.verdict == "fix" and task is not None:
            task.annotation_id = _as_it_was(found, task, by)
        _take_up(found, task)
    Undo.objects.create(review=found, annotation_id=found.fixed_id, person_id=by.person_id)
    Comment.objects.filter(review=found, resolved_at=None).update(resolved_at=DatabaseNow(), resolved_by=by.person)
    # It needs no decision any more, and no second look.
    rechecking.call_off(found)
    Dispute.objects.filter(review=found, state="open").update(state=DISPUTE.after("open", "withdraw"), decided_at=DatabaseNow())
    refresh([found.item_id])
    waits = task is not None and wait_again(task)
    data = {"item": found.item_id, "verdict": found.verdict, "annotation": found.annotation_id}
    record(by, "review.undo", found, organisation=project.organisation_id, project=project, data=data)
    state = Item.objects.values_list("state", flat=True).get(pk=found.item_id)
    return Undone(found.pk, found.item_id, state, task.pk if task and waits else None, task.queue_id if task and waits else None, found.person_id)


def lock_tasks(found: Review) -> Task | None:
    """The judged task and those whose answer was judged, in the order of their ids as everybody locks; the judged one."""
    of_item = Task.objects.filter(item_id=found.item_id).order_by("pk").select_for_update(of=("self",))
    return {task.pk: task for task in of_item}.get(found.task_id or 0)


def _check(found: Review) -> None:
    """Nothing was built on the verdict. Asked with tasks and item locked."""
    if Undo.objects.filter(review=found).exists():
        raise Conflict(_("this verdict was taken back already"), code="undone")
    if Review.objects.filter(item_id=found.item_id, pk__gt=found.pk, undone=None).exists():
        raise Conflict(_("the item was judged again since"), code="judged_since")
    left = found.fixed if found.fixed_id else found.annotation
    if left is not None and Annotation.objects.filter(item_id=found.item_id, number__gt=left.number).exists():
        raise Conflict(_("the item was labelled again since"), code="labelled_since")
    for _name, holds in holders:
        if why := holds(found):
            raise Conflict(why, code="in_version")


def _take_back_approval(found: Review) -> None:
    """The approval that the verdict made ends; the one that it superseded stands again."""
    made = Approval.objects.filter(review=found, ended_at=None).first()
    if made is None:
        raise Conflict(_("what it approved stands no longer"), code="withdrawn")
    Approval.objects.filter(pk=made.pk).update(ended_at=DatabaseNow(), ended_reason=UNDONE)
    before = Approval.objects.filter(item_id=found.item_id, pk__lt=made.pk).order_by("-pk").first()
    if before is not None and before.ended_reason == SUPERSEDED:
        Approval.objects.filter(pk=before.pk).update(ended_at=None, ended_reason="")
    else:
        move([found.item_id], "unapprove")


def take_back_return(found: Review) -> None:
    """Returned work is answered again as it was; a task that was made for it alone is void."""
    waiting = list(
        Task.objects.filter(
            item_id=found.item_id, annotation_id=found.annotation_id, queue__stage="annotate", state__in=TASK.origins("unreturn")
        )
    )
    held = Lease.objects.filter(task__in=waiting, ended_at=None)
    if held.filter(slot=0, expires_at__gt=DatabaseNow()).exists():
        raise Conflict(_("its author works on it again already"), code="at_work")
    for lease in held:
        end_lease(lease.pk, "move")
    for task in waiting:
        rows = Task.objects.filter(pk=task.pk)
        if task.pk == found.annotation.task_id:
            rows.update(state="answered", person=found.annotation.author)
        elif task.created_at < found.created_at:
            rows.update(annotation_id=None)
        else:
            rows.update(state="void")
    move([found.item_id], "unreturn", only_legal=True)


def _as_it_was(found: Review, task: Task, by: Actor) -> int:
    """A revision after the fix that says what the judged one said: nobody's new work, so who took it back may judge it."""
    seen = found.annotation
    written = seen.parent_id if seen.source == "undo" and seen.parent_id else seen.pk
    made, _number, _text, _digest = append(
        item_id=found.item_id,
        project_id=found.item.project_id,
        document=orjson.loads(seen.document),
        schema_version_id=seen.schema_version_id,
        source="undo",
        person_id=by.person_id,
        parent_id=written,
        task_id=seen.task_id,
    )
    Task.objects.filter(item_id=found.item_id, annotation_id=seen.pk, queue__stage="annotate").update(annotation_id=made)
    Task.objects.filter(pk=task.pk).update(annotation_id=made)
    return made


def _take_up(found: Review, task: Task | None) -> None:
    """What an adjudication laid aside waits again, on the revision that says what they were to be about."""
    decided = Adjudication.objects.filter(review=found).first()
    if decided is None:
        return
    take_up(decided.aside)
    if task is not None and task.annotation_id is not None and task.annotation_id != found.annotation_id:
        follow({found.annotation_id: task.annotation_id})


def wait_again(task: Task) -> bool:
    """The judged task is open again; False when it moved on or its queue closed."""
    if task.queue.state == "closed":
        return False
    return bool(Task.objects.filter(pk=task.pk, state="answered").update(state="open", person=None, answered_at=None))

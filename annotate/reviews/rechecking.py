"""Hidden second looks: a seeded share of a review queue's verdicts is asked for once more of somebody else, who cannot tell.

The second task stands in the queue as the first did, pinned to the same revision with the same words beside it. What is said there
is a `Recheck`: it moves no item and no task, approves and returns nothing, and no list but those of the people who decide shows it.
It is numbered as reviews are, answers as they do and is taken back as they are. When one of the two finds the work right as it is
and the other does not, somebody who had no part in it says who was right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.annotations.schemas import parsed
from annotate.items import queries as items
from annotate.kernel import canonical, sql
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.projects.models import Project
from annotate.projects.queries import role
from annotate.queues import leases, tasks
from annotate.queues.holding import HELD
from annotate.queues.leases import Locked
from annotate.queues.models import Lease, Task
from annotate.queues.states import TASK
from annotate.reviews import policies
from annotate.reviews.models import Recheck, Review
from annotate.reviews.remarks import clean_comments

SIDES = ("first", "second")

_DRAW = f"""
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, annotation_id, created_at, held, rejudges_id)
SELECT t.queue_id, t.item_id, t.round,
       1 + (SELECT max(o.n) FROM annotate_task o WHERE o.queue_id = t.queue_id AND o.item_id = t.item_id AND o.round = t.round),
       'open', t.rank, %(annotation)s::bigint, now(), {HELD}, %(review)s::bigint
FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id JOIN annotate_queue q ON q.id = t.queue_id
WHERE t.id = %(task)s::bigint AND q.stage = 'review' AND q.state = 'open' AND q.recheck_percent > 0
  AND (hashtextextended('recheck ' || i.id::text || ' ' || t.round::text, q.recheck_seed) & 9223372036854775807) %% 10000 < q.recheck_percent * 100
"""
_NUMBER = "SELECT nextval(pg_get_serial_sequence(%(table)s::text, 'id'))"


def draw(review: Review) -> None:
    """Ask for a second look at what this verdict was about, if the lot of its queue falls on it."""
    sql.rows(_DRAW + "RETURNING id", {"task": review.task_id, "annotation": review.annotation_id, "review": review.pk})


def call_off(review: Review) -> None:
    """The verdict was taken back: nobody looks at it a second time."""
    waiting = list(Task.objects.filter(rejudges=review, state__in=TASK.origins("void")).order_by("pk").select_for_update(of=("self",)))
    for lease in Lease.objects.filter(task__in=waiting, ended_at=None):
        leases.end(lease.pk, "move")
    tasks.void([task.pk for task in waiting])


def _number(table: str) -> int:
    return int((sql.row(_NUMBER, {"table": table}) or (0,))[0])


def judge(
    locked: Locked, actor: Actor, verdict: str, *, reason: str, reason_key: str, document: Any, comments: Iterable[Mapping[str, Any]], seconds: float | None
) -> tuple[int, int, int]:
    """The second verdict, under a lease that the caller has locked and found live: (its number, the revision that it would leave and
    that one's number), as a verdict that counts would have them. `Invalid` as that would be."""
    first = Review.objects.select_related("annotation", "fixed").get(pk=locked.rejudges or 0)
    seen = Annotation.objects.get(pk=locked.annotation_id or 0)
    words = clean_comments(comments, seen, width=locked.width, height=locked.height)
    text, right = "", verdict == "accept"
    if verdict == "fix":
        schema = parsed(locked.schema_version_id).schema
        text = canonical.dumps(check(document, schema, width=locked.width, height=locked.height, text=locked.text))
        right = canonical.digest(text) == bytes(seen.digest)
    made = Recheck.objects.create(
        id=_number("annotate_review"), review=first, item_id=locked.item_id, task_id=locked.task_id, annotation=seen, person_id=actor.person_id,
        against_id=first.person_id, verdict=verdict, reason=reason, reason_key=reason_key, document=text,
        comments=words, differs=right != _right(first), seconds=seconds,
    )  # fmt: skip
    tasks.answer(locked.task_id, person_id=actor.person_id)
    leases.end(locked.id, "review")
    # Read by its author it is a verdict as any; those who audit see which it is a second one of.
    about = {"item": locked.item_id, "task": locked.task_id, "lease": locked.id, "queue": locked.queue_id, "second": first.pk, "annotation": seen.pk}
    data = {**about, "revision": seen.number, "reason": reason, "reason_key": reason_key, "comments": len(words), "differs": made.differs}
    record(actor, f"review.{verdict}", ("review", int(made.pk)), organisation=locked.organisation_id, project=locked.project_id, data=data)
    if verdict == "fix":
        return int(made.pk), _number("annotate_annotation"), int(seen.number) + 1
    return int(made.pk), int(seen.pk), int(seen.number)


def _right(first: Review) -> bool:
    """Whether the verdict found the work right as it was; a fix that changes nothing did."""
    return first.verdict == "accept" or (first.fixed is not None and bytes(first.fixed.digest) == bytes(first.annotation.digest))


def take_back(number: int, *, by: Actor) -> Recheck | None:
    """One's own second verdict, taken back as any other, its task open again; None when the number is none of these. `Conflict` when
    that was done before, or somebody has settled by it who was right."""
    found = Recheck.objects.select_related("item__project", "task__queue").filter(pk=number, person_id=by.person_id).first()
    if found is None:
        return None
    require(policies.may_judge_in(by, found.item.project))
    if found.task_id is not None:
        list(Task.objects.filter(pk=found.task_id).select_for_update(of=("self",)).values_list("pk"))
    found.refresh_from_db(fields=["undone_at", "settled"])
    if found.undone_at is not None:
        raise Conflict(_("this verdict was taken back already"), code="undone")
    if found.settled:
        raise Conflict(_("the item was judged again since"), code="judged_since")
    Recheck.objects.filter(pk=found.pk).update(undone_at=DatabaseNow())
    data = {"item": found.item_id, "verdict": found.verdict, "annotation": found.annotation_id, "second": found.review_id}
    record(by, "review.undo", ("review", int(found.pk)), organisation=found.item.project.organisation_id, project=found.item.project, data=data)
    return found


def differing(actor: Actor, project: Project) -> QuerySet[Recheck]:
    """Second verdicts that differ and that nobody has settled, of which the actor gave neither; none for who does not decide."""
    rows = Recheck.objects.filter(item__project=project, differs=True, undone_at=None, settled="", review__undone=None).exclude(item__state="erased")
    if role(actor, project) not in policies.SEES_INBOX:
        return rows.none()
    rows = rows.exclude(Q(person_id=actor.person_id) | Q(against_id=actor.person_id))
    return rows.select_related("item", "person", "against", "annotation__person", "review")


@transaction.atomic
def settle(number: int, right: str, *, takes_back: bool = False, by: Actor) -> Recheck:
    """Say whether the `first` or the `second` of two verdicts that differ was right. That measures, and changes nothing of what stands;
    with `takes_back` a first one that was wrong is taken back, as `undo` does, so that the item waits for a verdict anew.

    `Missing` for who is not told of it, `Denied` for who wrote a revision of the item; `Conflict` when it is settled, or can no longer be
    taken back.
    """
    from annotate.reviews.judging import wrote
    from annotate.reviews.undoing import undo

    found = Recheck.objects.select_related("item__project", "person", "against", "review", "annotation").filter(pk=number, differs=True, undone_at=None).first()
    if found is None or by.person_id in (found.person_id, found.against_id):
        raise Missing()
    items.get(by, found.item_id)
    project = found.item.project
    require(policies.may_decide(by, project, part=False, own=wrote(found.item_id, by)))
    if right not in SIDES:
        raise Invalid(_("Say who was right."), fields={"right": f"one of {', '.join(SIDES)}"})
    if takes_back and right != "second":
        raise Invalid(_("Only a verdict that was wrong is taken back."), fields={"take_back": "only with second"})
    if not Recheck.objects.filter(pk=found.pk, settled="", undone_at=None).update(settled=right, settled_by=by.person, settled_at=DatabaseNow()):
        raise Conflict(_("somebody has settled this already"), code="settled")
    data = {"item": found.item_id, "review": found.review_id, "right": right, "taken_back": takes_back}
    record(by, "recheck.settle", found, organisation=project.organisation_id, project=project, data=data)
    if takes_back:
        undo(found.review_id, by=by)
    found.settled = right
    return found

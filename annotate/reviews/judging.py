"""`review`: a verdict under a lease, on the exact revision that the lease pinned; whole or not at all.

Locks: the tasks that the verdict may touch (in the order of their ids, as everybody does), the lease, then the item. With
the item locked no newer revision can slip in between the check and the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.annotations.schemas import parsed
from annotate.annotations.writing import append, lock_item
from annotate.items.services import move
from annotate.kernel import sql
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing, Stale
from annotate.labels.validation import check
from annotate.people.actor import Actor
from annotate.projects import return_reasons
from annotate.projects.models import Project
from annotate.queues import leases, tasks
from annotate.queues.leases import Locked
from annotate.queues.states import SERVED
from annotate.queues.submit import active_seconds
from annotate.reviews import adjudicating, rechecking
from annotate.reviews.approving import approve
from annotate.reviews.models import VERDICTS, Review
from annotate.reviews.policies import may_adjudicate, may_judge
from annotate.reviews.remarks import clean_comments, write
from annotate.reviews.returning import give_back, receiver

LONGEST_REASON = 500

# The lease's own task, and the tasks whose answer it judges: a return changes those, an adjudication all of the item's.
_LOCK_TASKS = """
SELECT t.id FROM annotate_task t
WHERE t.id = ANY(ARRAY(
    SELECT l.task_id FROM annotate_lease l WHERE l.id = %(lease)s::bigint AND l.person_id = %(person)s::bigint
    UNION
    SELECT o.id FROM annotate_lease l JOIN annotate_queue q ON q.id = l.queue_id
    JOIN annotate_task o ON o.item_id = l.item_id AND (o.annotation_id = l.annotation_id OR q.stage = 'adjudicate')
    WHERE l.id = %(lease)s::bigint AND l.person_id = %(person)s::bigint))
ORDER BY t.id FOR UPDATE
"""
_OWN = """
SELECT EXISTS (SELECT 1 FROM annotate_annotation a WHERE item_id = %(item)s::bigint AND person_id = %(person)s::bigint
               AND source <> 'undo'
               AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id))
"""
_NEWEST = "SELECT max(number) FROM annotate_annotation WHERE item_id = %(item)s::bigint"
_REOPENED = """
SELECT EXISTS (SELECT 1 FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id AND q.stage = 'annotate'
               WHERE t.item_id = %(item)s::bigint AND t.annotation_id = %(annotation)s::bigint AND t.state = 'returned')
"""
CAUSE = {"review": "review", "adjudicate": "adjudication"}


@dataclass(frozen=True)
class Judged:
    """`annotation_id` and `revision` name what the verdict leaves: the revision judged or, after a fix, the fixed one."""

    review_id: int
    verdict: str
    annotation_id: int
    revision: int
    queue_id: int


@transaction.atomic
def review(
    lease_id: int,
    actor: Actor,
    verdict: str,
    *,
    reason: str = "",
    reason_key: str = "",
    annotation: Any = None,
    comments: Iterable[Mapping[str, Any]] = (),
    seconds: Any = None,
    to: Any = None,
) -> Judged:
    """Accept, return (with a reason: one of the project's keys, words, or both) or fix (with the annotation as it should be) what the
    lease pinned. An adjudication that approves lays aside what still waits of the item.
    `seconds`: the active time spent on it, if the client knows.

    `to`, by id or name, is who does returned work anew where that is not to be its author.

    `Missing` for a lease that is not the actor's; `Denied` for their own work or another kind of lease; `Conflict` when
    the lease is over; `Stale` when a newer revision came; `Invalid` when something given does not fit. Then nothing changes.
    """
    sql.rows(_LOCK_TASKS, {"lease": lease_id, "person": actor.person_id})
    locked = leases.require_stage(leases.lock(lease_id, actor), "review", "adjudicate")
    _check_own(locked, actor)
    leases.require_live(locked)
    if locked.task_state not in SERVED:
        raise Conflict(_("this task needs no verdict any more"), code="task_over")
    project = Project.objects.get(pk=locked.project_id)
    (why, key), spent = _checked(project, verdict, reason, reason_key, annotation), active_seconds(seconds)
    other = receiver(to, project, actor) if verdict == "return" else None
    if to is not None and verdict != "return":
        raise Invalid(_("Only returned work goes to somebody."), fields={"to": "only with the verdict return"})
    lock_item(locked.item_id)
    _check_own(locked, actor)  # nobody else writes about the item from here on, nor does this person elsewhere
    if locked.rejudges is not None:
        number, *as_left = rechecking.judge(
            locked, actor, verdict, reason=why, reason_key=key, document=annotation, comments=comments, seconds=spent
        )
        return Judged(number, verdict, as_left[0], as_left[1], locked.queue_id)
    seen = _seen(locked)
    words = clean_comments(comments, seen, width=locked.width, height=locked.height)
    fixed = _fixed(locked, actor, seen, annotation) if verdict == "fix" else None
    made = Review.objects.create(
        item_id=locked.item_id,
        task_id=locked.task_id,
        lease_id=locked.id,
        annotation=seen,
        fixed_id=fixed[0] if fixed else None,
        person_id=actor.person_id,
        round=locked.round,
        verdict=verdict,
        reason=why,
        reason_key=key,
        seconds=spent,
    )
    left = fixed or (int(seen.pk), int(seen.number))
    if verdict == "return":
        give_back(seen, project, to=other)
        move([locked.item_id], "return", only_legal=True)  # an approved item stays approved while it is labelled again
    else:
        cause = CAUSE[locked.stage]
        approve(locked.item_id, left[0], cause=cause, person_id=actor.person_id, review_id=int(made.pk))
        if cause == "adjudication":
            adjudicating.keep(made, (made.fixed or seen).content)
    write(words, item_id=locked.item_id, annotation_id=int(seen.pk), person_id=actor.person_id, review_id=int(made.pk))
    tasks.answer(locked.task_id, person_id=actor.person_id)
    leases.end(locked.id, "review")
    rechecking.draw(made)
    _record(locked, actor, made, left, len(words))
    return Judged(int(made.pk), verdict, *left, locked.queue_id)


def _checked(project: Project, verdict: str, reason: Any, key: Any, annotation: Any) -> tuple[str, str]:
    """The reason and its key, when verdict, reason and annotation go together."""
    if verdict not in VERDICTS:
        raise Invalid(_("The verdict is accept, return or fix."), fields={"verdict": f"one of {', '.join(VERDICTS)}"})
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON:
        raise Invalid(_("The reason is too long."), fields={"reason": f"words, at most {LONGEST_REASON} characters"})
    why = check_text(reason).strip()
    if verdict != "return" and key:
        raise Invalid(_("Only a return has a reason to choose."), fields={"reason_key": "only with the verdict return"})
    sound = return_reasons.checked(project, key, why) if verdict == "return" else ""
    if verdict == "fix" and not isinstance(annotation, dict):
        raise Invalid(_("A fix brings the annotation as it should be."), fields={"annotation": "required to fix: an object"})
    if verdict != "fix" and annotation is not None:
        raise Invalid(_("Only a fix brings an annotation."), fields={"annotation": "only with the verdict fix"})
    return why, sound


def _check_own(locked: Locked, actor: Actor) -> None:
    """The rule by which work is handed out (`queues.picking`), asked once more of the verdict, whatever the role."""
    require(may_judge(own=wrote(locked.item_id, actor)))
    if locked.stage == "adjudicate":
        require(may_adjudicate(reviewed=adjudicating.has_reviewed(locked.item_id, actor.person_id)))


def wrote(item_id: int, actor: Actor) -> bool:
    """Whether the actor has a revision of the item: a fix that was taken back is none, nor is putting back what was there before it."""
    return bool((sql.row(_OWN, {"item": item_id, "person": actor.person_id}) or (False,))[0])


def _seen(locked: Locked) -> Annotation:
    """The pinned revision, still the item's newest; asked with the item locked."""
    seen = Annotation.objects.filter(pk=locked.annotation_id or 0, item_id=locked.item_id).first()
    newest = (sql.row(_NEWEST, {"item": locked.item_id}) or (None,))[0]
    if seen is None:
        raise Missing()
    if newest != seen.number or locked.task_annotation_id != seen.pk:
        raise Stale(
            _("a newer revision was submitted meanwhile; look at that one"),
            extra={"seen": seen.number, "newest": newest},
        )
    if (sql.row(_REOPENED, {"item": locked.item_id, "annotation": seen.pk}) or (False,))[0]:
        raise Stale(_("its author has opened this answer again; judge the one that follows"), extra={"seen": seen.number})
    return seen


def _fixed(locked: Locked, actor: Actor, seen: Annotation, document: Any) -> tuple[int, int]:
    """(id, number) of the revision that the reviewer wrote in place of the one seen."""
    schema = parsed(locked.schema_version_id).schema
    sound = check(document, schema, width=locked.width, height=locked.height, text=locked.text)
    made, number, _text, _digest = append(
        item_id=locked.item_id,
        project_id=locked.project_id,
        document=sound,
        schema_version_id=locked.schema_version_id,
        source="fix",
        person_id=actor.person_id,
        parent_id=int(seen.pk),
        task_id=locked.task_id,
        lease_id=locked.id,
    )
    return made, number


def _record(locked: Locked, actor: Actor, made: Review, left: tuple[int, int], comments: int) -> None:
    standing = Annotation.objects.values_list("digest", flat=True).get(pk=left[0])
    about = {"item": locked.item_id, "task": locked.task_id, "lease": locked.id, "queue": locked.queue_id}
    record(
        actor,
        f"review.{made.verdict}",
        ("review", int(made.pk)),
        organisation=locked.organisation_id,
        project=locked.project_id,
        before=bytes(made.annotation.digest) if made.fixed_id else None,
        after=bytes(standing),
        data={**about, "annotation": left[0], "revision": left[1], "reason": made.reason, "reason_key": made.reason_key, "comments": comments},
    )

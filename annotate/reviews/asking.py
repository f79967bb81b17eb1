"""Not knowing: who holds a task, to label or to judge, asks about it; it waits, parked, until somebody answers.

Asking frees the lease: the person works on while they wait. Nobody else is served the task meanwhile, since the question is
half of the work; with the answer it comes back to its asker before anything else, as returned work does.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.annotations.models import Annotation
from annotate.items import queries as items
from annotate.items.models import Item
from annotate.kernel.canonical import check_text
from annotate.kernel.clock import DatabaseNow
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.people.actor import Actor
from annotate.projects import guidelines
from annotate.projects.models import Guideline, Project
from annotate.projects.policies import may_manage, may_view
from annotate.queues import leases, tasks
from annotate.queues.leases import Locked
from annotate.queues.models import Draft, Task
from annotate.reviews import policies
from annotate.reviews.models import Question
from annotate.reviews.remarks import LONGEST, clean_comment

RECENT = 20


@transaction.atomic
def ask(lease_id: int, actor: Actor, text: str, *, object: Any = None, at: Any = None) -> Question:
    """Park the lease's task with a question, pinned to an object of the draft, to a point, or to neither.

    `Missing` for a lease that is not the actor's, `Conflict` when it is over; `Invalid` names what does not fit.
    """
    locked = leases.require_live(leases.lock(lease_id, actor))
    drawn = _drawn(locked)
    given = {"text": text, "object": object, "at": at}
    sound = clean_comment(given, None, width=locked.width, height=locked.height, known=set(drawn))
    leases.end(locked.id, "ask")
    tasks.park(locked.task_id, person_id=actor.person_id)
    made = Question.objects.create(
        item_id=locked.item_id, task_id=locked.task_id, person_id=actor.person_id, shape=drawn.get(sound["object"]), **sound
    )
    data = {"item": locked.item_id, "task": locked.task_id, "lease": locked.id}
    record(actor, "question.ask", made, organisation=locked.organisation_id, project=locked.project_id, data=data)
    return made


@transaction.atomic
def tell(item: Item, text: str, *, object: str | None = None, at: Any = None, document: str = "", by: Actor) -> Question:
    """A question on an item that nobody has on the desk: what is used of it looks wrong to somebody. `document` is the answer
    that they saw, and `object` one of its ids; `at` a point of the picture. `Missing` for who does not see the item, `Invalid` names what does not fit."""
    found = items.get(by, item.pk)
    require(may_view(by, found.project))
    objects = orjson.loads(document).get("objects") if document else None
    drawn = {str(thing["id"]): thing for thing in objects or [] if isinstance(thing, dict) and thing.get("id")}
    sound = clean_comment({"text": text, "object": object, "at": at}, None, width=found.width, height=found.height, known=set(drawn))
    made = Question.objects.create(item=found, person_id=by.person_id, shape=drawn.get(sound["object"]), **sound)
    record(by, "question.ask", made, organisation=found.project.organisation_id, project=found.project, data={"item": found.pk})
    return made


def _drawn(locked: Locked) -> dict[str, Any]:
    """Id → object of what the person has on the desk: their draft, else the answer that came back to them or that they judge."""
    draft = Draft.objects.filter(task_id=locked.task_id, person_id=locked.person_id).values_list("document", flat=True).first()
    text = draft or Annotation.objects.filter(pk=locked.annotation_id or 0).values_list("document", flat=True).first()
    objects = orjson.loads(text).get("objects") if text else None
    return {str(thing["id"]): thing for thing in objects or [] if isinstance(thing, dict) and thing.get("id")}


@transaction.atomic
def answer(question_id: int, text: str, *, by: Actor) -> Question:
    """Answer a question: its task comes back to who asked. `Conflict` when it was answered before."""
    found = get(by, question_id)
    project = found.item.project
    require(policies.may_answer(by, project))
    words = check_text(text).strip() if isinstance(text, str) else ""
    if not words or len(words) > LONGEST:
        raise Invalid(_("Say what the answer is."), fields={"text": f"words, at most {LONGEST} characters"})
    if found.task_id is not None:
        list(Task.objects.filter(pk=found.task_id).select_for_update().values_list("pk"))
    moved = Question.objects.filter(pk=found.pk, answered_at=None).update(
        answer=words, answered_by=by.person, answered_at=DatabaseNow()
    )
    if not moved:
        raise Conflict(_("this question has its answer already"), code="answered")
    if found.task_id is not None and not Question.objects.filter(task_id=found.task_id, answered_at=None).exists():
        tasks.resume(found.task_id)
    data = {"item": found.item_id, "task": found.task_id}
    record(by, "question.answer", found, organisation=project.organisation_id, project=project, data=data)
    found.refresh_from_db()
    return found


@transaction.atomic
def make_example(question_id: int, *, good: bool, by: Actor) -> Guideline:
    """The answered question as an example of the guidelines: a new version of them. `Conflict` when it is one already."""
    found = get(by, question_id)
    require(may_manage(by, found.item.project))
    if found.answered_at is None:
        raise Conflict(_("answer the question first"), code="not_answered")
    if not Question.objects.filter(pk=found.pk, exampled_at=None).update(exampled_at=DatabaseNow()):
        raise Conflict(_("this answer is an example already"), code="exampled")
    shape = found.shape or ({"kind": "point", "points": [found.at]} if found.at else None)
    words = f"{found.text} — {found.answer}"[: guidelines.LONGEST_WORDS]
    label = str((found.shape or {}).get("label", ""))
    return guidelines.add_example(found.item.project, label=label, good=good, text=words, item_id=found.item_id, shape=shape, by=by)


def get(actor: Actor, question_id: int) -> Question:
    """The question with its item; `Missing` for who neither asked it nor sees the project's item pages."""
    found = Question.objects.select_related("item__project", "person").filter(pk=question_id).first()
    if found is None:
        raise Missing()
    item = items.get(actor, found.item_id)
    if found.person_id != actor.person_id and not items.sees_all(actor, item.project):
        raise Missing()
    return found


def waiting(project: Project) -> QuerySet[Question]:
    """Questions without an answer, the oldest first."""
    rows = Question.objects.filter(item__project=project, answered_at=None).exclude(item__state="erased")
    return rows.select_related("item", "person", "task__queue").order_by("pk")


def answered(project: Project) -> QuerySet[Question]:
    """Questions with their answers, the newest first."""
    rows = Question.objects.filter(item__project=project, answered_at__isnull=False).exclude(item__state="erased")
    return rows.select_related("item", "person", "answered_by").order_by("-answered_at")


def answers_for(person_id: int, project_ids: list[int]) -> list[Question]:
    """Answers to the person's questions whose task waits for them, the newest first: what the home page tells."""
    waits = Task.objects.filter(pk=OuterRef("task_id"), state="returned", person_id=person_id, queue__state="open")
    rows = Question.objects.filter(Exists(waits), person_id=person_id, answered_at__isnull=False, item__project_id__in=project_ids)
    return list(rows.select_related("item__project", "task__queue", "answered_by").order_by("-answered_at")[:RECENT])

"""Returned work always lands where somebody can do it.

It goes back to its author while they may still work and their queue is not closed. Else, and for labels that no task asked
for (an import), the item gets an open annotate task: in the project's first annotate queue whose query takes the item,
or, since a query such as `state = new` never takes a returned one, simply in the first. Whoever takes it begins from the
imported revision with its comments; a person's answer is never shown to another. So it is for whom a reviewer names instead of the
author: the task is kept for them, and they begin anew. A project without an annotate queue that
is not closed leaves the item returned until someone makes a queue.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from annotate.annotations.models import Annotation
from annotate.items.models import Item
from annotate.kernel.errors import Invalid, Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.people.queries import by_name_or_id
from annotate.projects.models import Project
from annotate.projects.queries import role
from annotate.queues.models import Assignment, Queue, Task
from annotate.queues.policies import may_take
from annotate.queues.queries import able
from annotate.queues.ranking import rank_of
from annotate.queues.requiring import unqualified
from annotate.queues.tasks import free, send_back, void

_ADD = """
INSERT INTO annotate_task (queue_id, item_id, round, n, state, rank, annotation_id, created_at)
SELECT %s, i.id, 1 + coalesce((SELECT max(round) FROM annotate_task WHERE queue_id = %s AND item_id = i.id), 0),
       1, 'open', {rank}, %s, now()
FROM annotate_item i WHERE i.id = %s
RETURNING id
"""


def receiver(wanted: Any, project: Project, actor: Actor) -> Person | None:
    """Who is to do returned work anew, by id or name; None for its author. `Invalid` for who may not label there, and for oneself."""
    if wanted is None:
        return None
    try:
        found = by_name_or_id(project.organisation_id, wanted)
    except Missing:
        raise Invalid(_("No such person in this organisation."), fields={"to": "no such person in this organisation"}) from None
    if found.pk == actor.person_id:
        raise Invalid(_("Fix it, instead of returning it to yourself."), fields={"to": "another person"})
    if found.pk not in able(project, stage="annotate"):
        raise _unable(found)
    return found


def _unable(person: Person) -> Invalid:
    words = _("%(name)s may not do this work") % {"name": person.name}
    return Invalid(words, fields={"to": words})


def give_back(annotation: Annotation, project: Project, *, to: Person | None = None) -> int | None:
    """The task where the work goes on, None when no queue can take it. `Stale` when it moved on meanwhile. `to`: who does it anew
    instead of its author; `Invalid` when they cannot."""
    author = annotation.author
    task_id = _to_author(annotation, project)
    if to is None or (author is not None and to.pk == author.pk):
        return task_id
    if task_id is None:
        raise Invalid(_("No queue hands this out any more."), fields={"to": "no annotate queue is open"})
    task = Task.objects.select_related("queue").get(pk=task_id)
    if to.pk not in able(project, task.queue) or unqualified(task.queue_id, [to.pk]):
        raise _unable(to)
    if Task.objects.filter(queue=task.queue_id, item=task.item_id, round=task.round, person=to).exclude(pk=task.pk).exists():
        words = _("%(name)s has answered this item already") % {"name": to.name}
        raise Invalid(words, fields={"to": words})
    if task.state == "returned":
        free([task.pk])
    Task.objects.filter(pk=task.pk, state="open").update(person=to, reserved_until=None)
    return task_id


def _to_author(annotation: Annotation, project: Project) -> int | None:
    task = send_back(annotation.pk)
    if task is None:
        return _anew(annotation, project)
    queue = Queue.objects.get(pk=task.queue_id)
    if queue.state != "closed":
        if not _still_works(task, queue, project):
            free([task.pk])
        return int(task.pk)
    elsewhere = _anew(annotation, project)
    if elsewhere is not None:
        void([task.pk])
    return elsewhere


def _still_works(task: Task, queue: Queue, project: Project) -> bool:
    """Whether the author is still there, may label, and has a place in the queue."""
    if task.person is None or not task.person.is_active:
        return False
    held = role(Actor.of(task.person), project)
    named = set(Assignment.objects.filter(queue=queue).values_list("person_id", flat=True))
    return bool(may_take(held, queue.stage)) and (not named or task.person_id in named)


def _anew(annotation: Annotation, project: Project) -> int | None:
    queue = _taker(annotation.item_id, project)
    if queue is None:
        return None
    waiting = Task.objects.filter(queue=queue, item_id=annotation.item_id, state="open", annotation=None, gold=False).order_by("n").first()
    if waiting is not None:  # asked for already: it begins from what came back
        Task.objects.filter(pk=waiting.pk, state="open").update(annotation_id=annotation.pk)
        return int(waiting.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD.format(rank=rank_of(queue.order)), [queue.pk, queue.pk, annotation.pk, annotation.item_id]
        )
        return int(cursor.fetchone()[0])


def _taker(item_id: int, project: Project) -> Queue | None:
    queues = list(
        Queue.objects.filter(project=project, stage="annotate").exclude(state="closed").order_by("-priority", "pk")
    )
    queues.sort(key=lambda queue: queue.state != "open")
    return next((queue for queue in queues if _takes(queue, item_id)), queues[0] if queues else None)


def _takes(queue: Queue, item_id: int) -> bool:
    if not queue.q.strip():
        return True
    from annotate.search.compile import compile_query

    try:
        return Item.objects.filter(compile_query(queue.q, queue.project_id), pk=item_id).exists()
    except Invalid:  # a query that the schema has outgrown takes nothing
        return False

"""Pausing a person: nothing more is handed to them in one queue, or in all of a project, until they are let on again.

A named person's place in a queue is paused there (`Assignment.paused`). A queue that names nobody must not begin to name
people by a pause, so that one is a row of its own (`Pause`); as is a pause for the whole project, which also counts for
queues that come later. What is held goes back for others at once; drafts stay with their person.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.services import leavers
from annotate.queues.leavers import end_leases
from annotate.queues.models import Assignment, Pause, Queue


@transaction.atomic
def pause(project: Project, person: Person, *, queue: Queue | None = None, by: Actor) -> int:
    """Hand the person nothing more, in `queue` or in all of the project; how many leases ended. Once more changes nothing.

    `Missing` for a queue of another project.
    """
    require(may_manage(by, project))
    if queue is not None and queue.project_id != project.pk:
        raise Missing()
    placed = queue is not None and Assignment.objects.filter(queue=queue, person=person).update(paused=True)
    if not placed:
        Pause.objects.get_or_create(project=project, queue=queue, person=person, defaults={"created_by": by.person})
    ended = end_leases("move", person_id=person.pk, queue=queue, project_id=project.pk)
    _record(project, person, queue, "person.pause", by)
    return ended


@transaction.atomic
def let_on(project: Project, person: Person, *, queue: Queue | None = None, by: Actor) -> None:
    """End a pause: the one of the queue, or the one of the project (a queue's own pauses stay)."""
    require(may_manage(by, project))
    if queue is not None and queue.project_id != project.pk:
        raise Missing()
    gone = Pause.objects.filter(project=project, queue=queue, person=person).delete()[0]
    if queue is not None:
        gone += Assignment.objects.filter(queue=queue, person=person, paused=True).update(paused=False)
    if gone:
        _record(project, person, queue, "person.let_on", by)


def _record(project: Project, person: Person, queue: Queue | None, verb: str, by: Actor) -> None:
    about = {"person": person.pk}
    if queue is not None:
        about["queue"] = queue.pk
    record(by, verb, person, organisation=project.organisation_id, project=project, data=about)


def paused_queues(person_id: int, queues: Iterable[Queue]) -> set[int]:
    """Which of the queues hand the person nothing because of a pause that is not their place's."""
    found = {queue.pk: queue.project_id for queue in queues}
    rows = Pause.objects.filter(Q(queue__in=found) | Q(queue=None, project__in=set(found.values())), person_id=person_id)
    pairs: set[tuple[int, int | None]] = set(rows.values_list("project_id", "queue_id"))
    return {pk for pk, project in found.items() if (project, pk) in pairs or (project, None) in pairs}


def forget(project_id: int, person_id: int) -> None:
    """Who leaves the project and comes back begins without a pause."""
    Pause.objects.filter(project_id=project_id, person_id=person_id).delete()


leavers.add("pauses", forget)

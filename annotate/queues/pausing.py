"""Pausing a person: nothing more is handed to them in one queue, or in all of a project, until they are let on again.

By hand: a named person's place in a queue is paused there (`Assignment.paused`). A queue that names nobody must not begin to name
people by a pause, so that one is a row of its own (`Pause`); as is a pause for the whole project, which also counts for
queues that come later. What is held goes back for others at once; drafts stay with their person.

By a rule on what their gold answers say (`pause_by_skill`): a row too. What they work on they may finish; what was fetched ahead goes
back. The two kinds stand side by side, and letting somebody on ends both. Who pauses, who lets on and who claims has the person
locked, so that each sees what the others did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from annotate.activity.services import record
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.kernel.registry import Registry
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.services import leavers
from annotate.queues.leavers import end_leases
from annotate.queues.models import Assignment, Pause, Queue

# name → f(project id, person id, queue id or None, how, who): a pause by skill has ended, within the transaction that ends it. `how` is
# let_on, passed (the run of a qualification) or left (the project); who did it is an actor or None.
lifted: Registry[Callable[[int, int, int | None, str, Actor | None], object]] = Registry("lifted pauses")
_LOCK_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended('claim ' || %s::text, 0))"


def lock_person(person_id: int) -> None:
    """Against a claim of theirs, and other acts on their pauses, until the transaction ends. Before all other locks."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PERSON, [person_id])


@transaction.atomic
def pause(project: Project, person: Person, *, queue: Queue | None = None, by: Actor) -> int:
    """Hand the person nothing more, in `queue` or in all of the project; how many leases ended. Once more changes nothing.

    `Missing` for a queue of another project.
    """
    require(may_manage(by, project))
    if queue is not None and queue.project_id != project.pk:
        raise Missing()
    lock_person(person.pk)
    placed = queue is not None and Assignment.objects.filter(queue=queue, person=person).update(paused=True)
    if not placed:
        Pause.objects.get_or_create(project=project, queue=queue, person=person, cause="hand", defaults={"created_by": by.person})
    ended = end_leases("move", person_id=person.pk, queue=queue, project_id=project.pk)
    _record(project, person, queue, "person.pause", by)
    return ended


@transaction.atomic
def pause_by_skill(project: Project, person: Person, *, queue: Queue | None, data: Mapping[str, Any]) -> bool:
    """A rule has it that the person's work stops; `data` names its cause, for managers. False when one of the kind stands there already.

    Call it with the person locked. What they have before them stays theirs, what was fetched ahead goes back.
    """
    _row, made = Pause.objects.get_or_create(project=project, queue=queue, person=person, cause="skill")
    if made:
        end_leases("move", person_id=person.pk, queue=queue, project_id=project.pk, slot=1)
        _record(project, person, queue, "person.pause_by_skill", None, data)
    return made


@transaction.atomic
def let_on(project: Project, person: Person, *, queue: Queue | None = None, by: Actor) -> None:
    """End a pause, whoever made it: the one of the queue, or the one of the project (a queue's own pauses stay)."""
    require(may_manage(by, project))
    if queue is not None and queue.project_id != project.pk:
        raise Missing()
    lock_person(person.pk)
    gone = Pause.objects.filter(project=project, queue=queue, person=person).delete()[0]
    if queue is not None:
        gone += Assignment.objects.filter(queue=queue, person=person, paused=True).update(paused=False)
    if gone:
        _record(project, person, queue, "person.let_on", by)
        _tell(project.pk, person.pk, queue.pk if queue is not None else None, "let_on", by)


def lift_passed(qualification_id: int, person_id: int) -> None:
    """The person has the qualification through which they were to come back: the pauses that it ends are over."""
    for row in Pause.objects.select_related("project", "person", "queue").filter(qualification=qualification_id, person=person_id):
        row.delete()
        _record(row.project, row.person, row.queue, "person.requalify", None, {"qualification": qualification_id})
        _tell(row.project_id, person_id, row.queue_id, "passed", None)


def _tell(project_id: int, person_id: int, queue_id: int | None, how: str, by: Actor | None) -> None:
    for _name, callback in sorted(lifted):
        callback(project_id, person_id, queue_id, how, by)


def _record(project: Project, person: Person, queue: Queue | None, verb: str, by: Actor | None, data: Mapping[str, Any] | None = None) -> None:
    about: dict[str, Any] = {"person": person.pk, **(data or {})}
    if queue is not None:
        about["queue"] = queue.pk
    record(by, verb, person, organisation=project.organisation_id, project=project, data=about)


def paused_queues(person_id: int, queues: Iterable[Queue]) -> set[int]:
    """Which of the queues hand the person nothing because of a pause that is not their place's."""
    found = {queue.pk: queue.project_id for queue in queues}
    rows = Pause.objects.filter(Q(queue__in=found) | Q(queue=None, project__in=set(found.values())), person_id=person_id)
    pairs: set[tuple[int, int | None]] = set(rows.values_list("project_id", "queue_id"))
    return {pk for pk, project in found.items() if (project, pk) in pairs or (project, None) in pairs}


def stopped_by_skill(person_id: int, project_ids: Iterable[int]) -> list[Pause]:
    """For the person's own pages: where a rule has stopped their work, with project, queue, and the run that would end it."""
    rows = Pause.objects.filter(person=person_id, project__in=list(project_ids), cause="skill", project__archived_at=None)
    return list(rows.select_related("project", "queue", "qualification__queue").order_by("project__name", "pk"))


def forget(project_id: int, person_id: int) -> None:
    """Who leaves the project and comes back begins without a pause."""
    queues = list(Pause.objects.filter(project_id=project_id, person_id=person_id, cause="skill").values_list("queue_id", flat=True))
    Pause.objects.filter(project_id=project_id, person_id=person_id).delete()
    for queue in queues:
        _tell(project_id, person_id, queue, "left", None)


leavers.add("pauses", forget)

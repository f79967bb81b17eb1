"""One person in one project: what they hold and have back, and in which queues they may work or are paused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from annotate.annotations.models import Annotation
from annotate.kernel.clock import DatabaseNow
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects import return_reasons
from annotate.projects.models import Project, ProjectMember
from annotate.projects.queries import role
from annotate.queues.models import Assignment, Lease, Pause, Queue, Task
from annotate.queues.policies import WORKERS
from annotate.reviews.models import Review

SHOWN = 50


def known(project: Project, person: Person) -> bool:
    """Whether the person has a role here, or has worked here."""
    if ProjectMember.objects.filter(project=project, person=person).exists():
        return True
    if Lease.objects.filter(queue__project=project, person=person).exists():
        return True
    return Annotation.objects.filter(item__project=project, person=person).exists() or role(Actor.of(person), project) is not None


def held(project: Project, person: Person) -> list[Lease]:
    """Live leases, the longest held first."""
    rows = Lease.objects.filter(queue__project=project, person=person, ended_at=None, expires_at__gt=DatabaseNow())
    return list(rows.select_related("queue", "item").order_by("created_at", "id"))


def returned(project: Project, person: Person) -> list[Any]:
    """Tasks that came back and wait at the person, the longest first, with `why` and `since` of the verdict."""
    last = Review.objects.filter(annotation=OuterRef("annotation"), verdict="return", undone=None).order_by("-pk")
    rows = Task.objects.filter(queue__project=project, person=person, state="returned").exclude(queue__state="closed")
    rows = rows.exclude(item__state="erased").select_related("queue", "item")
    shown = rows.annotate(key=Subquery(last.values("reason_key")[:1]), said=Subquery(last.values("reason")[:1]), since=Subquery(last.values("created_at")[:1]))
    found = list(shown.order_by("since", "pk")[:SHOWN])
    for task in found:
        task.why = return_reasons.said(project, task.key or "", task.said or "")  # type: ignore[attr-defined]
    return found


def reserved(project: Project, person: Person) -> int:
    """Open tasks that only this person is served."""
    rows = Task.objects.filter(queue__project=project, person=person, state="open", gold=False).exclude(queue__state="closed")
    return rows.filter(Q(reserved_until=None) | Q(reserved_until__gt=DatabaseNow())).count()


def keeping(project: Project, person: Person) -> set[int]:
    """The queues that keep open tasks for the person."""
    rows = Task.objects.filter(queue__project=project, person=person, state="open", gold=False).exclude(queue__state="closed")
    return set(rows.filter(Q(reserved_until=None) | Q(reserved_until__gt=DatabaseNow())).values_list("queue_id", flat=True))


def paused_everywhere(project: Project, person: Person) -> bool:
    return Pause.objects.filter(project=project, queue=None, person=person).exists()


@dataclass(frozen=True)
class Place:
    """A queue where the person may work. `named`: the queue names its people. `paused` there, whatever holds in the project."""

    queue: Queue
    named: bool
    paused: bool


def places(project: Project, person: Person) -> list[Place]:
    """The queues that are not closed and open to the person, by name."""
    able = [stage for stage, roles in WORKERS.items() if role(Actor.of(person), project) in roles]
    queues = list(Queue.objects.filter(project=project, stage__in=able).exclude(state="closed").order_by("name", "pk"))
    named: dict[int, dict[int, bool]] = {}
    for queue, who, paused in Assignment.objects.filter(queue__in=queues).values_list("queue_id", "person_id", "paused"):
        named.setdefault(queue, {})[who] = paused
    stopped = set(Pause.objects.filter(Q(queue__in=queues), person=person).values_list("queue_id", flat=True))
    return [
        Place(queue, queue.pk in named, queue.pk in stopped or named.get(queue.pk, {}).get(person.pk, False))
        for queue in queues
        if queue.pk not in named or person.pk in named[queue.pk]
    ]

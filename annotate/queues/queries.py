"""Queues as a person may see them: overseers all of a project's, annotators only those they may work in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotate.annotations.apart import shown
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.queries import role
from annotate.projects.queries import visible as visible_projects
from annotate.queues.feedback import told
from annotate.queues.models import Assignment, Queue, Task
from annotate.queues.opened import answer_opened
from annotate.queues.policies import OVERSEERS, WORKERS, sees

MINE = 50


def visible(actor: Actor, project: Project) -> QuerySet[Queue]:
    """The project's queues that are there for the actor."""
    rows = Queue.objects.filter(project=project)
    held = role(actor, project)
    if held in OVERSEERS:
        return rows
    # The run of a qualification is offered where qualifications are, not among the work.
    return rows.filter(_open_to(actor.person_id), qualification=None, stage__in=[stage for stage, roles in WORKERS.items() if held in roles])


def _open_to(person_id: int) -> Q:
    """Queues that name nobody, or this person."""
    named = Assignment.objects.filter(queue=OuterRef("pk"))
    return ~Exists(named) | Exists(named.filter(person_id=person_id))


def get(actor: Actor, queue_id: int) -> Queue:
    """The queue with its project, or `Missing`."""
    found = (
        Queue.objects.filter(pk=queue_id, project__organisation_id__in=list(actor.organisations))
        .select_related("project")
        .first()
    )
    if found is None:
        raise Missing()
    named = set(Assignment.objects.filter(queue=found).values_list("person_id", flat=True))
    if not sees(
        role(actor, found.project), found.stage, assigned_only=bool(named), assigned=actor.person_id in named
    ):
        raise Missing()
    return found


def able(project: Project, queue: Queue | None = None, *, stage: str = "") -> dict[int, Person]:
    """Who may be served work: in the queue (those it names, if it names any), in a stage, or in any of the project; by id."""
    stage = queue.stage if queue is not None else stage
    roles = set(WORKERS[stage]) if stage else {held for some in WORKERS.values() for held in some}
    members = Q(project_memberships__project=project, project_memberships__role__in=roles)
    admins = Q(memberships__organisation_id=project.organisation_id, memberships__role__in=("owner", "admin"))
    rows = Person.objects.filter(members | admins, is_active=True).distinct()
    named = set() if queue is None else set(Assignment.objects.filter(queue=queue).values_list("person_id", flat=True))
    return {person.pk: person for person in rows.order_by("name") if not named or person.pk in named}


@dataclass(frozen=True)
class Counts:
    """Tasks by state; `leased` of the open and returned ones are being worked on now."""

    open: int = 0
    returned: int = 0
    answered: int = 0
    leased: int = 0

    def as_dict(self) -> dict[str, int]:
        return {"open": self.open, "returned": self.returned, "answered": self.answered, "leased": self.leased}


_COUNTS = """
SELECT q.id,
       (SELECT count(*) FROM annotate_task t WHERE t.queue_id = q.id AND t.state = 'open' AND NOT t.gold),
       (SELECT count(*) FROM annotate_task t WHERE t.queue_id = q.id AND t.state = 'returned' AND NOT t.gold),
       (SELECT count(*) FROM annotate_task t WHERE t.queue_id = q.id AND t.state = 'answered' AND NOT t.gold),
       (SELECT count(*) FROM annotate_lease l WHERE l.queue_id = q.id AND l.ended_at IS NULL AND l.expires_at > clock_timestamp())
FROM annotate_queue q WHERE q.id = ANY(%s)
"""


def counts(queue_ids: list[int]) -> dict[int, Counts]:
    """How each queue stands; for those who see the item pages."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [list(queue_ids)])
        return {row[0]: Counts(*row[1:]) for row in cursor.fetchall()}


def workable(actor: Actor) -> list[Queue]:
    """Open queues of every project where the actor may take work, returned work first, then by priority.

    Each has `returned_to_me`: whether work waits there that came back to this person.
    """
    projects = {project.pk: role(actor, project) for project in visible_projects(actor).filter(archived_at=None)}
    returned = Task.objects.filter(queue=OuterRef("pk"), person_id=actor.person_id, state="returned")
    rows = (
        Queue.objects.filter(_open_to(actor.person_id), project_id__in=projects, state="open")
        .select_related("project")
        .annotate(returned_to_me=Exists(returned))
        .order_by("-returned_to_me", "-priority", "pk")
    )
    return [queue for queue in rows if projects[queue.project_id] in WORKERS[queue.stage]]


_MINE = f"""
SELECT t.id, t.state, i.id, i.key, a.id, {shown("a")}, t.answered_at, t.round,
       CASE WHEN q.stage <> 'annotate' THEN 'judged'
            WHEN t.state <> 'answered' THEN 'returned'
            WHEN {answer_opened("t")} THEN 'opened'
            WHEN q.state <> 'open' THEN 'closed' ELSE '' END
FROM annotate_task t JOIN annotate_item i ON i.id = t.item_id JOIN annotate_queue q ON q.id = t.queue_id
LEFT JOIN annotate_annotation a ON a.id = t.annotation_id
WHERE t.person_id = %s AND t.queue_id = %s AND t.answered_at IS NOT NULL AND i.state <> 'erased'
ORDER BY t.answered_at DESC, t.id DESC LIMIT %s
"""


def mine(actor: Actor, queue: Queue, limit: int = MINE) -> list[dict[str, Any]]:
    """The actor's latest answers in a queue, newest first; `reopen` says whether they may still change one, `shut` why not:
    "opened" by a reviewer, "returned" (it is theirs to do again), "closed" (the queue is not open), "judged" (a verdict), or "told": in a
    queue that tells how right answers to known items are, `feedback` has that (None of all others)."""
    names = ("task", "state", "item", "key", "annotation_id", "revision", "answered_at", "round", "shut")
    with connection.cursor() as cursor:
        cursor.execute(_MINE, [actor.person_id, queue.pk, limit])
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if queue.gold_feedback:
        known = told(queue, [row["task"] for row in found])
        found = [row | {"feedback": known.get(row["task"]), "shut": row["shut"] or ("told" if row["task"] in known else "")} for row in found]
    return [
        row | {"reopen": not row["shut"], "thumb": f"/api/v1/items/{row['item']}/media?size=thumb"}
        for row in found
    ]

"""What a reviewer finds on coming in: what waits per queue, what was decided, what is back at its authors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Coalesce

from annotate.people.actor import Actor
from annotate.projects import return_reasons
from annotate.projects.models import Project
from annotate.queues.models import Assignment, Queue, Task
from annotate.queues.overview import Standing, standings
from annotate.queues.pausing import paused_queues
from annotate.queues.policies import may_claim
from annotate.queues.queries import visible
from annotate.reviews.models import Comment, Review

JUDGES = ("review", "adjudicate")
AT_AUTHORS = 24

# Own work is nobody's to judge: of what waits, what this person wrote a revision of; and to decide between, what they have reviewed.
_OWN = """
SELECT t.queue_id, count(*)
FROM annotate_task t JOIN annotate_queue q ON q.id = t.queue_id
WHERE t.queue_id = ANY(%(queues)s) AND t.state = 'open'
  AND (EXISTS (SELECT 1 FROM annotate_annotation a WHERE a.item_id = t.item_id AND a.person_id = %(person)s AND a.source <> 'undo'
               AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.annotation_id = a.id))
       OR q.stage = 'adjudicate' AND EXISTS (
           SELECT 1 FROM annotate_review v WHERE v.item_id = t.item_id AND v.person_id = %(person)s
             AND NOT EXISTS (SELECT 1 FROM annotate_task w JOIN annotate_queue k ON k.id = w.queue_id
                             WHERE w.id = v.task_id AND k.stage = 'adjudicate')
             AND NOT EXISTS (SELECT 1 FROM annotate_undo u WHERE u.review_id = v.id)))
GROUP BY t.queue_id
"""


@dataclass(frozen=True)
class Desk:
    """A queue to judge from. `own` of what waits is the person's own work, which waits for somebody else."""

    queue: Queue
    standing: Standing
    own: int
    start: bool

    @property
    def left(self) -> int:
        return max(0, self.standing.waiting - self.own)


def desks(actor: Actor, project: Project, role: str | None) -> list[Desk]:
    """The project's review and adjudication queues that are not closed, the one with most priority first."""
    queues = list(visible(actor, project).filter(stage__in=JUDGES).exclude(state="closed").order_by("-priority", "pk"))
    ids = [queue.pk for queue in queues]
    standing = standings(ids)
    own = _own(actor, ids)
    named = _named(ids)
    stopped = paused_queues(actor.person_id, queues)
    out = []
    for queue in queues:
        places = named.get(queue.pk, {})
        allowed = may_claim(
            role,
            queue.stage,
            assigned_only=bool(places),
            assigned=actor.person_id in places,
            paused=queue.pk in stopped or places.get(actor.person_id, False),
        )
        start = bool(allowed) and queue.state == "open" and project.archived_at is None
        out.append(Desk(queue, standing[queue.pk], own.get(queue.pk, 0), start))
    return out


def _own(actor: Actor, ids: Sequence[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_OWN, {"queues": list(ids), "person": actor.person_id})
        return dict(cursor.fetchall())


def _named(ids: Iterable[int]) -> dict[int, dict[int, bool]]:
    """Queue → person → whether their place is paused."""
    out: dict[int, dict[int, bool]] = {}
    for queue, person, paused in Assignment.objects.filter(queue__in=list(ids)).values_list("queue_id", "person_id", "paused"):
        out.setdefault(queue, {})[person] = paused
    return out


def verdicts(project: Project, verdict: str = "", key: str = "") -> QuerySet[Review]:
    """The project's verdicts, with who gave them on whose work; of one kind, or returned for one reason, when it is named."""
    rows = Review.objects.filter(item__project=project).exclude(item__state="erased")
    rows = rows.select_related("item", "person", "annotation__person", "task__queue", "undone")
    if key:
        rows = rows.filter(verdict="return", reason_key=key)
    return rows.filter(verdict=verdict) if verdict else rows


def reasons(project: Project) -> list[tuple[str, str, int]]:
    """(key, its words, how many) of the project's standing returns that name a key, the most first."""
    rows = Review.objects.filter(item__project=project, verdict="return", undone=None).exclude(reason_key="").exclude(item__state="erased")
    counted = rows.values_list("reason_key").annotate(n=Count("pk")).order_by("-n", "reason_key")
    return [(key, return_reasons.words(project, key), n) for key, n in counted]


@dataclass(frozen=True)
class Back:
    """Work at its author: `reason` of the verdict that returned it, or the words with which it was sent back without one; "" when
    the author opened it again."""

    item: Any
    person: Any
    reason: str
    since: dt.datetime | None
    queue: str


def at_authors(project: Project) -> tuple[list[Back], int]:
    """What waits to be done again, the longest first, and how many there are in all."""
    last = Review.objects.filter(annotation=OuterRef("annotation"), verdict="return", undone=None).order_by("-pk")
    rows = (
        Task.objects.filter(queue__project=project, queue__stage="annotate", state="returned", gold=False)
        .exclude(queue__state="closed")
        .exclude(item__state="erased")
    )
    said = Comment.objects.filter(annotation=OuterRef("annotation"), review=None, resolved_at=None).exclude(person=OuterRef("person")).order_by("-pk")
    shown = rows.annotate(
        why_key=Subquery(last.values("reason_key")[:1]),
        why=Coalesce(Subquery(last.values("reason")[:1]), Subquery(said.values("text")[:1]), output_field=TextField()),
        since=Coalesce(Subquery(last.values("created_at")[:1]), Subquery(said.values("created_at")[:1])),
    )
    shown = shown.select_related("item", "person", "queue").order_by("since", "pk")[:AT_AUTHORS]
    found = [Back(task.item, task.person, return_reasons.said(project, task.why_key or "", task.why or ""), task.since, task.queue.name) for task in shown]
    return found, len(found) if len(found) < AT_AUTHORS else rows.count()

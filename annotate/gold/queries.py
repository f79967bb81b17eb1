"""Gold of a project and what could become gold; for managers alone, since who knows it is measured by it no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotate.gold.models import Gold
from annotate.items.models import Item
from annotate.items.related import rows
from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues.models import Task
from annotate.search.compile import compile_query

_JUDGED = """
SELECT i.id, p.annotation_id, CASE WHEN i.state = 'erased' THEN 'erased'
    WHEN EXISTS (SELECT 1 FROM annotate_gold g WHERE g.item_id = i.id AND g.state = 'active') THEN 'already'
    WHEN p.annotation_id IS NULL THEN 'not_approved' ELSE '' END
FROM annotate_item i LEFT JOIN annotate_approval p ON p.item_id = i.id AND p.ended_at IS NULL
WHERE i.project_id = %s AND i.id = ANY(%s)
"""


@dataclass(frozen=True)
class Judged:
    """`annotation` is what stands approved of the item; `why` it cannot become gold, "" when it can."""

    item: int
    annotation: int | None
    why: str


def judged(project: Project, item_ids: Sequence[int]) -> list[Judged]:
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, [project.pk, list(item_ids)])
        return [Judged(*row) for row in cursor.fetchall()]


def fit(project: Project, q: str) -> QuerySet[Item]:
    """Items that match a query and could become gold: approved, none yet."""
    standing = rows("Approval").filter(item=OuterRef("pk"), ended_at__isnull=True)
    known = Gold.objects.filter(item=OuterRef("pk"), state="active")
    found = Item.objects.filter(compile_query(q, project.pk), project=project).exclude(state="erased")
    return found.filter(Exists(standing), ~Exists(known))


def of_project(actor: Actor, project: Project, state: str = "") -> QuerySet[Gold]:
    """Newest first, each with `answers`, how many people answered it."""
    require(may_manage(actor, project))
    answered = Task.objects.filter(item=OuterRef("item"), gold=True, state="answered").order_by()
    counted = Subquery(answered.values("item").annotate(n=Count("pk")).values("n"))
    found = Gold.objects.filter(project=project).select_related("item", "created_by").annotate(answers=Coalesce(counted, 0))
    return found.filter(state=state) if state else found


def get(actor: Actor, gold_id: int) -> Gold:
    """`Missing` for whoever does not see the project, `Denied` for whoever does not manage it."""
    found = Gold.objects.select_related("project", "item").filter(pk=gold_id).first()
    if found is None or projects.role(actor, found.project) is None:
        raise Missing()
    require(may_manage(actor, found.project))
    return found


def active(project: Project) -> tuple[int, int]:
    """How many items are handed out as gold, and how many of these are frames of groups, which only runs ask about."""
    found = Gold.objects.filter(project=project, state="active").aggregate(n=Count("pk"), frames=Count("pk", filter=Q(item__frame__isnull=False)))
    return found["n"], found["frames"]

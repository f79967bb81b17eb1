"""Acts on many tasks as a manager may see them, and the tasks of one."""

from __future__ import annotations

from django.db.models import QuerySet

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.projects.queries import visible as visible_projects
from annotate.queues.models import Bulk, BulkTask


def of_project(actor: Actor, project: Project) -> QuerySet[Bulk]:
    """The project's acts; `Denied` for who does not manage it."""
    require(may_manage(actor, project))
    return Bulk.objects.filter(project=project).select_related("queue", "created_by", "undone_by", "job")


def get(actor: Actor, bulk_id: int) -> Bulk:
    """The act with its project, or `Missing`; `Denied` for who does not manage the project."""
    rows = Bulk.objects.filter(pk=bulk_id, project__in=visible_projects(actor))
    found = rows.select_related("project", "queue", "created_by", "undone_by", "job").first()
    if found is None:
        raise Missing()
    require(may_manage(actor, found.project))
    return found


def tasks(bulk: Bulk, outcome: str = "") -> QuerySet[BulkTask]:
    """The tasks that it is about, all or those with one outcome."""
    rows = BulkTask.objects.filter(bulk=bulk).select_related("task__item", "task__queue", "task__person")
    return rows.filter(outcome=outcome) if outcome else rows


def person_of(bulk: Bulk) -> Person | None:
    """For whom an act keeps tasks."""
    return Person.objects.filter(pk=bulk.arguments["person"]).first() if bulk.arguments.get("person") else None

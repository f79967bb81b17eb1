"""Acts of the wall as the actor may see them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.queues.models import Queue
from workflows.wall import policies
from workflows.wall.models import WallAct


def acts(actor: Actor, project: Project) -> QuerySet[WallAct]:
    """Of a project, for those who see the wall."""
    require(policies.may_see(actor, project))
    return WallAct.objects.filter(project=project).select_related("project", "queue", "job", "created_by", "undone_by")


def get(actor: Actor, act_id: int) -> WallAct:
    """The act, or `Missing`; `Denied` to who does not see the wall."""
    found = WallAct.objects.filter(pk=act_id, project__organisation_id__in=list(actor.organisations)).values_list("project_id", flat=True).first()
    if found is None:
        raise Missing()
    return acts(actor, projects.get(actor, found)).get(pk=act_id)


def last_of(actor: Actor, project: Project) -> WallAct | None:
    """The newest act of this person that can be undone."""
    found = acts(actor, project).filter(created_by=actor.person_id).order_by("-pk").first()
    return found if found is not None and found.state == "done" and found.counts.get("changed") else None


def authors(project: Project) -> QuerySet[Person]:
    """Those whose work a wall may show alone: who has a role in the project, and who manages all of the organisation's."""
    manages = Q(memberships__organisation=project.organisation_id, memberships__role__in=("owner", "admin"))
    return Person.objects.filter(Q(project_memberships__project=project) | manages).distinct().order_by("name")


def queues(project: Project) -> QuerySet[Queue]:
    """Where a wall's items may be sent."""
    return Queue.objects.filter(project=project, stage="annotate", qualification=None).exclude(state="closed").order_by("-priority", "pk")

"""Activity as the actor may see it: all of organisations they administer, of projects they manage, else their own acts."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from annotate.activity.models import Activity, Seal
from annotate.kernel.errors import Denied, Missing
from annotate.people.actor import Actor
from annotate.people.queries import administered


def _projects(actor: Actor) -> QuerySet[Any]:
    """Projects where the actor has any role. The projects room stands below this one, so its model is asked for by name."""
    rows = apps.get_model("annotate", "Project").objects.filter(organisation_id__in=actor.organisations)
    mine = Q(organisation_id__in=administered(actor)) | Q(members__person_id=actor.person_id)
    rows = rows.filter(mine).distinct()
    return rows.filter(pk=actor.project_id) if actor.project_id is not None else rows


def managed_projects(actor: Actor) -> QuerySet[Any]:
    """Projects that the actor manages, by membership or as an admin."""
    member = apps.get_model("annotate", "ProjectMember").objects.filter(person_id=actor.person_id, role="manager")
    return _projects(actor).filter(Q(organisation_id__in=administered(actor)) | Q(pk__in=member.values("project_id")))


def managed_project(actor: Actor, project_id: int) -> Any:
    """The project; `Missing` when the actor has no role in it, `Denied` when they do not manage it."""
    found = managed_projects(actor).filter(pk=project_id).first()
    if found is not None:
        return found
    if _projects(actor).filter(pk=project_id).exists():
        raise Denied(_("only managers of the project see its activity"))
    raise Missing()


def of_organisation(actor: Actor, organisation_id: int) -> QuerySet[Activity]:
    """Everything in the organisation; `Denied` unless the actor administers it with all their rights."""
    if not actor.administers(organisation_id) or actor.project_id is not None:
        raise Denied(_("only an owner or admin sees the activity of an organisation"))
    return Activity.objects.filter(organisation_id=organisation_id)


def visible(actor: Actor) -> QuerySet[Activity]:
    """What the page shows."""
    projects = list(managed_projects(actor).values_list("pk", flat=True)[:1000])
    own = Q(person_id=actor.person_id, organisation_id__in=list(actor.organisations))
    return Activity.objects.filter(Q(organisation_id__in=administered(actor)) | Q(project_id__in=projects) | own)


def heads(actor: Actor) -> QuerySet[Seal]:
    """The chains' heads of organisations that the actor administers."""
    return Seal.objects.filter(organisation_id__in=administered(actor)).order_by("organisation_id")

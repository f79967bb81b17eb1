"""Projects as the actor may see them: a project of another organisation, or without a role in it, is not there."""

from __future__ import annotations

from django.db.models import QuerySet

from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.projects.models import Project, ProjectMember, SchemaVersion


def visible(actor: Actor) -> QuerySet[Project]:
    """Projects where the actor has a role: all of an organisation they administer, else by membership."""
    administered = [pk for pk, held in actor.organisations.items() if held in ("owner", "admin")]
    member_of = ProjectMember.objects.filter(person_id=actor.person_id).values("project_id")
    rows = Project.objects.filter(organisation_id__in=administered) | Project.objects.filter(
        organisation_id__in=actor.organisations, pk__in=member_of
    )
    return rows.filter(pk=actor.project_id) if actor.project_id is not None else rows


def get(actor: Actor, project_id: int) -> Project:
    """The project, or `Missing`."""
    found = Project.objects.filter(pk=project_id, organisation_id__in=list(actor.organisations)).first()
    if found is None or role(actor, found) is None:
        raise Missing()
    return found


def role(actor: Actor, project: Project) -> str | None:
    """The actor's role in the project; None when they have none."""
    held = actor.organisations.get(project.organisation_id)
    if held is None or (actor.project_id is not None and actor.project_id != project.pk):
        return None
    if held in ("owner", "admin"):
        return "manager"
    if actor.held is not None and project.pk in actor.held:
        return actor.held[project.pk]
    found = ProjectMember.objects.filter(project=project, person_id=actor.person_id).values_list("role", flat=True).first()
    if actor.held is not None:
        actor.held[project.pk] = found
    return found


def manages_any(actor: Actor, organisation_id: int) -> bool:
    """Whether the actor, still of the organisation, is a manager of one of its projects."""
    held = ProjectMember.objects.filter(person_id=actor.person_id, role="manager", project__organisation_id=organisation_id)
    return organisation_id in actor.organisations and held.exists()


def roles(actor: Actor) -> dict[int, str]:
    """The actor's role in each visible project, by its id, in two queries."""
    held = dict(ProjectMember.objects.filter(person_id=actor.person_id).values_list("project_id", "role"))
    rows = visible(actor).values_list("pk", "organisation_id")
    return {pk: "manager" if actor.administers(organisation_id) else held[pk] for pk, organisation_id in rows}


def current_schema(project_id: int) -> SchemaVersion:
    """The newest schema version; every project has at least one."""
    return SchemaVersion.objects.filter(project_id=project_id).order_by("-number")[0]


def members(project: Project) -> QuerySet[ProjectMember]:
    return ProjectMember.objects.filter(project=project).select_related("person")

"""Teams as the actor may see them: those of what they manage, and those that they lead. Others are not there."""

from __future__ import annotations

from django.db.models import Count, Prefetch, Q, QuerySet

from annotate.kernel.errors import Missing
from annotate.people.actor import Actor
from annotate.people.models import Person, Team, TeamMember
from annotate.people.queries import administered
from annotate.projects.models import Project, ProjectMember


def managed_projects(actor: Actor, organisation_id: int) -> QuerySet[Project]:
    """Projects of the organisation whose work the actor oversees, a token's bound kept."""
    rows = Project.objects.filter(organisation_id=organisation_id)
    if not actor.administers(organisation_id):
        held = ProjectMember.objects.filter(person_id=actor.person_id, role="manager").values("project_id")
        rows = rows.filter(pk__in=held) if organisation_id in actor.organisations else rows.none()
    return rows.filter(pk=actor.project_id) if actor.project_id is not None else rows


def visible(actor: Actor) -> QuerySet[Team]:
    """Teams that the actor leads, of projects they manage, and of organisations where they administer or manage anything."""
    if actor.dataset_id is not None:
        return Team.objects.none()
    mine = list(actor.organisations)
    held = ProjectMember.objects.filter(person_id=actor.person_id, role="manager", project__organisation_id__in=mine)
    wanted = Q(lead_id=actor.person_id, organisation_id__in=mine)
    wanted |= Q(organisation_id__in=administered(actor)) | Q(project_id__in=held.values("project_id"))
    wanted |= Q(project=None, organisation_id__in=held.values("project__organisation_id"))
    rows = Team.objects.filter(wanted)
    if actor.project_id is not None:
        rows = rows.filter(project_id=actor.project_id)
    return rows.select_related("organisation", "project", "lead").annotate(size=Count("places"))


def with_people(rows: QuerySet[Team]) -> QuerySet[Team]:
    """The teams with their places, people by name, in one more query."""
    places = TeamMember.objects.select_related("person").order_by("person__name", "person_id")
    return rows.prefetch_related(Prefetch("places", places))


def get(actor: Actor, team_id: int) -> Team:
    """The team, or `Missing`."""
    found = visible(actor).filter(pk=team_id).first()
    if found is None:
        raise Missing()
    return found


def for_project(actor: Actor, project: Project) -> QuerySet[Team]:
    """Teams that work in the project may be given to: its own and those of the organisation."""
    return visible(actor).filter(Q(project=project) | Q(project=None, organisation_id=project.organisation_id))


def members(team: Team) -> QuerySet[Person]:
    """The team's people by name, also those who may not sign in at present."""
    return Person.objects.filter(team_places__team=team).order_by("name", "id")


def led_by(actor: Actor) -> QuerySet[Team]:
    """Teams that the actor leads, for the way there in the frame."""
    return Team.objects.filter(lead_id=actor.person_id, organisation_id__in=list(actor.organisations))

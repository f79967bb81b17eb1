"""Who makes, changes and sees teams, and whom a team may hold."""

from __future__ import annotations

from django.utils.translation import gettext as _

from annotate.kernel.decisions import Decision, Denial
from annotate.people.actor import Actor
from annotate.people.models import Membership, Team
from annotate.people.policies import may_administer
from annotate.projects.models import Project, ProjectMember
from annotate.projects.policies import may_manage


def may_make(actor: Actor, organisation_id: int, project: Project | None) -> Decision:
    """A project's managers make its teams; owners and admins make those of the organisation."""
    if actor.dataset_id is not None:
        return Denial(_("this token is bound to one project or dataset"), code="scope")
    return may_manage(actor, project) if project is not None else may_administer(actor, organisation_id)


def may_change(actor: Actor, team: Team) -> Decision:
    return may_make(actor, team.organisation_id, team.project)


def leads(actor: Actor, team: Team) -> bool:
    """Whether the actor leads the team and is still of the organisation, by no token for another project."""
    if actor.dataset_id is not None or team.organisation_id not in actor.organisations:
        return False
    return team.lead_id == actor.person_id and (actor.project_id is None or actor.project_id == team.project_id)


def eligible(organisation_id: int, project: Project | None) -> set[int]:
    """Ids of people who may be in a team: of the organisation, and for a project's team of the project or its admins."""
    rows = Membership.objects.filter(organisation_id=organisation_id, person__is_active=True)
    everyone = dict(rows.values_list("person_id", "role"))
    if project is None:
        return set(everyone)
    inside = set(ProjectMember.objects.filter(project=project).values_list("person_id", flat=True))
    return {person for person, role in everyone.items() if person in inside or role in ("owner", "admin")}

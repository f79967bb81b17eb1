"""Making, changing and ending teams; who leaves a project or an organisation goes out of its teams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotate.activity.services import record
from annotate.kernel.canonical import check_text
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.people.actor import Actor
from annotate.people.models import Person, Team, TeamMember
from annotate.people.services import clean_name, departures
from annotate.projects.models import Project
from annotate.projects.services import leavers
from annotate.projects.team_rules import eligible, may_change, may_make

KEPT: Any = object()  # a value that is not to be changed, where None says that there is none


@transaction.atomic
def create_team(
    name: str,
    *,
    organisation_id: int,
    project: Project | None = None,
    kind: str = "",
    lead: Person | None = None,
    members: Iterable[Person] = (),
    by: Actor,
) -> Team:
    """A team of the project, or of the organisation without one. `Invalid` names people who do not belong there."""
    require(may_make(by, organisation_id, project))
    people = list(dict.fromkeys(members))
    _check(organisation_id, project, lead, people)
    team = Team(organisation_id=organisation_id, project=project, name=clean_name(name, longest=200), created_by=by.person)
    team.kind, team.lead = _kind(kind), lead
    _save(team)
    TeamMember.objects.bulk_create([TeamMember(team=team, person=person) for person in people])
    _record(by, "team.create", team, {"people": len(people), "lead": team.lead_id})
    return team


@transaction.atomic
def change_team(
    team: Team,
    *,
    name: str | None = None,
    kind: str | None = None,
    lead: Person | None = KEPT,
    members: Iterable[Person] | None = None,
    by: Actor,
) -> Team:
    """Change what is given; `members` names all who are in it from now on. What somebody took out holds stays theirs."""
    require(may_change(by, team))
    team = Team.objects.select_for_update(of=("self",)).select_related("project").get(pk=team.pk)
    people = None if members is None else list(dict.fromkeys(members))
    before = set(team.places.values_list("person_id", flat=True))
    # Who is in it already stays without question: they may be away for a while.
    fresh = [person for person in people or () if person.pk not in before]
    _check(team.organisation_id, team.project, None if lead is KEPT or (lead and lead.pk == team.lead_id) else lead, fresh)
    if name is not None:
        team.name = clean_name(name, longest=200)
    if kind is not None:
        team.kind = _kind(kind)
    if lead is not KEPT:
        team.lead = lead
    _save(team)
    changed: dict[str, Any] = {"lead": team.lead_id}
    if people is not None:
        wanted = {person.pk for person in people}
        TeamMember.objects.filter(team=team).exclude(person_id__in=wanted).delete()
        TeamMember.objects.bulk_create([TeamMember(team=team, person=person) for person in fresh])
        changed |= {"added": sorted(wanted - before), "removed": sorted(before - wanted)}
    _record(by, "team.change", team, changed)
    return team


@transaction.atomic
def end_team(team: Team, *, by: Actor) -> None:
    """The team is no more; its people, their work and their places in queues stay."""
    require(may_change(by, team))
    _record(by, "team.end", team)
    team.delete()


def _kind(text: str) -> str:
    cleaned = check_text(text).strip()
    if len(cleaned) > 100 or (cleaned and not cleaned.isprintable()):
        raise Invalid(_("The kind of a team has up to 100 printable characters."), fields={"kind": "up to 100 characters"})
    return cleaned


def _check(organisation_id: int, project: Project | None, lead: Person | None, people: list[Person]) -> None:
    able = eligible(organisation_id, project)
    named = [(f"members[{index}]", person) for index, person in enumerate(people)] + ([("lead", lead)] if lead else [])
    said = _("%(name)s is not in this project") if project else _("%(name)s is not active in this organisation")
    wrong = {place: said % {"name": person.name} for place, person in named if person.pk not in able}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise Conflict(_("A team of this name exists."), code="name_taken", fields={"name": "taken"}) from error


def _record(by: Actor, verb: str, team: Team, data: dict[str, Any] | None = None) -> None:
    record(by, verb, team, organisation=team.organisation_id, project=team.project_id, data=data)


def leave_project(project_id: int, person_id: int) -> None:
    """Out of the project's teams, and no longer the lead of one. Teams of the organisation stay as they are."""
    TeamMember.objects.filter(team__project_id=project_id, person_id=person_id).delete()
    Team.objects.filter(project_id=project_id, lead_id=person_id).update(lead=None)


def leave_organisation(organisation_id: int, person_id: int) -> None:
    """Out of all teams of the organisation and of its projects."""
    TeamMember.objects.filter(team__organisation_id=organisation_id, person_id=person_id).delete()
    Team.objects.filter(organisation_id=organisation_id, lead_id=person_id).update(lead=None)


leavers.add("teams", leave_project)
departures.add("teams", leave_organisation)

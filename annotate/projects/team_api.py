"""/teams: made and changed by those who manage; a lead finds theirs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import an_id
from annotate.people.actor import Actor
from annotate.people.models import Person, Team
from annotate.people.queries import by_name_or_id, home_organisation
from annotate.projects import queries, team_queries, team_rules, teams
from annotate.projects.person_field import PersonName

MOST = 2000  # people in one team


class TeamInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    kind = serializers.CharField(required=False, allow_blank=True, max_length=100, help_text="free words: vendor, night shift")
    lead = PersonName(required=False, allow_null=True)
    members = serializers.ListField(child=PersonName(), required=False, max_length=MOST)
    organisation = serializers.IntegerField(required=False)
    project = serializers.IntegerField(required=False, allow_null=True, help_text="none: a team of the organisation")


class TeamChange(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=200)
    kind = serializers.CharField(required=False, allow_blank=True, max_length=100)
    lead = PersonName(required=False, allow_null=True)
    members = serializers.ListField(child=PersonName(), required=False, max_length=MOST, help_text="all of them, in place of those of before")


def present_team(team: Team) -> dict[str, Any]:
    """From a row of `team_queries.with_people`."""
    return {
        "id": team.pk,
        "name": team.name,
        "kind": team.kind,
        "organisation": team.organisation_id,
        "project": team.project_id,
        "lead": {"id": team.lead_id, "name": team.lead.name} if team.lead else None,
        "members": [{"id": place.person_id, "name": place.person.name} for place in team.places.all()],
        "created_at": team.created_at,
    }


def _people(organisation_id: int, wanted: list[Any]) -> list[Person]:
    """The people named; `Invalid` says which entry names nobody."""
    found = []
    for index, each in enumerate(wanted):
        try:
            found.append(by_name_or_id(organisation_id, each))
        except Missing as error:
            raise Invalid(str(error.detail), fields={f"members[{index}]": str(error.detail)}) from error
    return found


def _lead(organisation_id: int, wanted: Any) -> Person | None:
    if wanted is None:
        return None
    try:
        return by_name_or_id(organisation_id, wanted)
    except Missing as error:
        raise Invalid(str(error.detail), fields={"lead": str(error.detail)}) from error


def _whole(actor: Actor, team_id: int) -> Team:
    found = team_queries.with_people(team_queries.visible(actor)).filter(pk=team_id).first()
    if found is None:
        raise Missing()
    return found


class Teams(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "POST": ("manage",)}
    query: ClassVar = ("project",)
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Teams that the caller manages or leads, newest first; `project` keeps those that work in it may be given to."""
        rows = team_queries.visible(self.actor)
        wanted = request.query_params.get("project")
        if wanted is not None:
            rows = team_queries.for_project(self.actor, queries.get(self.actor, an_id(wanted, "project")))
        return self.listing(team_queries.with_people(rows), present_team, bind=str(wanted))

    @extend_schema(request=TeamInput, responses={201: dict})
    def post(self, request: Request) -> Response:
        """A team of a project (its managers) or of the organisation (owners and admins)."""
        data = self.read(TeamInput)
        project_id, project = data.get("project"), None
        if project_id is not None:
            project = queries.get(self.actor, project_id)
        organisation_id = project.organisation_id if project else home_organisation(self.actor, data.get("organisation"))
        require(team_rules.may_make(self.actor, organisation_id, project))
        team = teams.create_team(
            data["name"],
            organisation_id=organisation_id,
            project=project,
            kind=data.get("kind", ""),
            lead=_lead(organisation_id, data.get("lead")),
            members=_people(organisation_id, data.get("members", [])),
            by=self.actor,
        )
        return answer(present_team(_whole(self.actor, team.pk)), 201)


class OneTeam(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "PATCH": ("manage",), "DELETE": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, team: int) -> Response:
        """A team with its people: for who manages it, and for its lead."""
        return answer(present_team(_whole(self.actor, team)))

    @extend_schema(request=TeamChange, responses={200: dict})
    def patch(self, request: Request, team: int) -> Response:
        """Name, kind, lead (null: none) or all of its people."""
        found = team_queries.get(self.actor, team)
        require(team_rules.may_change(self.actor, found))
        data = self.read(TeamChange)
        if "members" in data:
            data["members"] = _people(found.organisation_id, data["members"])
        if "lead" in data:
            data["lead"] = _lead(found.organisation_id, data["lead"])
        teams.change_team(found, by=self.actor, **data)
        return answer(present_team(_whole(self.actor, team)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, team: int) -> Response:
        """The team ends; its people and their work stay."""
        teams.end_team(team_queries.get(self.actor, team), by=self.actor)
        return answer(status=204)


team_api_routes = [path("teams", Teams.as_view()), path("teams/<id:team>", OneTeam.as_view())]

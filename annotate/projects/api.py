"""/projects with their schemas and members."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.kernel.http import Endpoint, answer
from annotate.people.actor import Actor
from annotate.people.queries import by_name_or_id, home_organisation
from annotate.projects import leaving, policies, queries, return_reasons, services, skip_reasons
from annotate.projects.guidelines_api import guideline_api_routes
from annotate.projects.invite_api import invite_api_routes
from annotate.projects.models import Project, ProjectMember, SchemaVersion
from annotate.projects.person_field import PersonName
from annotate.projects.team_api import team_api_routes


class ProjectInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    media = serializers.ChoiceField(choices=["image", "text"], default="image")
    schema = serializers.DictField()
    organisation = serializers.IntegerField(required=False)


class ReasonInput(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=40, help_text="small letters, digits and _: what is kept with a return")
    words = serializers.CharField(required=False, allow_blank=True, max_length=80, help_text="how people read it")


class ProjectChange(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=200)
    archived = serializers.BooleanField(required=False)
    skip_reasons = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=30, help_text="empty: the usual ones"
    )
    return_reasons = ReasonInput(many=True, required=False, help_text="empty: the usual ones")


class MemberInput(serializers.Serializer[Any]):
    person = PersonName()
    role = serializers.CharField(max_length=20)


class MemberChange(serializers.Serializer[Any]):
    role = serializers.CharField(max_length=20)


def present_project(project: Project) -> dict[str, Any]:
    return {
        "id": project.pk,
        "name": project.name,
        "media": project.media,
        "organisation": project.organisation_id,
        "archived_at": project.archived_at,
        "created_at": project.created_at,
    }


def present_schema(version: SchemaVersion) -> dict[str, Any]:
    return {
        "id": version.pk,
        "number": version.number,
        "schema": version.content,
        "digest": version.digest.hex(),
        "created_by": version.created_by_id,
        "created_at": version.created_at,
    }


def present_whole(project: Project, actor: Actor) -> dict[str, Any]:
    """The project with its present label schema as a document, which version that is, and the actor's role."""
    version = queries.current_schema(project.pk)
    return present_project(project) | {
        "schema": version.content,
        "schema_version": {"id": version.pk, "number": version.number},
        "role": queries.role(actor, project),
        "skip_reasons": skip_reasons.of(project),
        "return_reasons": return_reasons.of(project),
    }


def present_member(member: ProjectMember) -> dict[str, Any]:
    return {
        "person": {"id": member.person_id, "name": member.person.name},
        "role": member.role,
        "created_at": member.created_at,
    }


class Projects(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "review", "manage", "export"), "POST": ("manage",)}
    dataset_tokens: ClassVar = ("GET",)
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Projects in which the caller has a role, newest first."""
        return self.listing(queries.visible(self.actor), present_project)

    @extend_schema(request=ProjectInput, responses={201: dict})
    def post(self, request: Request) -> Response:
        """A project with the first version of its label schema."""
        data = self.read(ProjectInput)
        organisation_id = home_organisation(self.actor, data.pop("organisation", None))
        project = services.create(data.pop("name"), organisation_id=organisation_id, by=self.actor, **data)
        return answer(present_whole(project, self.actor), 201)


class OneProject(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "review", "manage", "export"), "PATCH": ("manage",)}
    dataset_tokens: ClassVar = ("GET",)

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The project with its present schema and the caller's role."""
        return answer(present_whole(queries.get(self.actor, project), self.actor))

    @extend_schema(request=ProjectChange, responses={200: dict})
    def patch(self, request: Request, project: int) -> Response:
        """Rename it, or archive it and take it back."""
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        data = self.read(ProjectChange)
        with transaction.atomic():
            lists = {"skip_reasons": skip_reasons.change, "return_reasons": return_reasons.change}
            given = {name: data.pop(name) for name in lists if name in data}
            for name, reasons in given.items():
                lists[name](found, reasons, by=self.actor)
            changed = services.change(found, by=self.actor, **data) if data or not given else found
        return answer(present_whole(changed, self.actor))


class Schemas(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "review"), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Every version of the label schema, newest first."""
        found = queries.get(self.actor, project)
        return self.listing(SchemaVersion.objects.filter(project=found), present_schema, keys=("-number",))

    @extend_schema(request=dict, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """The body is the schema document itself, or `{"schema": document}`."""
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        body = request.data
        document = body["schema"] if isinstance(body, dict) and set(body) == {"schema"} else body
        return answer(present_schema(services.change_schema(found, document, by=self.actor)), 201)


class Members(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Who has which role in the project."""
        found = queries.get(self.actor, project)
        require(policies.may_view(self.actor, found))
        return self.listing(queries.members(found), present_member)

    @extend_schema(request=MemberInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """Gives a person a role; who is a member already gets the new role."""
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        data = self.read(MemberInput)
        person = by_name_or_id(found.organisation_id, data["person"])
        return answer(present_member(services.set_member(found, person, role=data["role"], by=self.actor)), 201)


class OneMember(Endpoint):
    scopes: ClassVar = {"PATCH": ("manage",), "DELETE": ("manage",)}

    def _find(self, project: int, person: int) -> tuple[Project, ProjectMember]:
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        member = queries.members(found).filter(person_id=person).first()
        if member is None:
            raise Missing()
        return found, member

    @extend_schema(request=MemberChange, responses={200: dict})
    def patch(self, request: Request, project: int, person: int) -> Response:
        """Another role; it holds from the next request on."""
        found, member = self._find(project, person)
        data = self.read(MemberChange)
        return answer(present_member(services.set_member(found, member.person, role=data["role"], by=self.actor)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project: int, person: int) -> Response:
        """Takes the person out of the project; their answers stay, and what waits at them goes to others."""
        found, member = self._find(project, person)
        leaving.remove(found, member.person, by=self.actor)
        return answer(status=204)


class LeavesBehind(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int, person: int) -> Response:
        """What would come back if this person went out of the project now: items in their hands, returned, parked and kept
        tasks, places in queues, teams. For managers."""
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        member = queries.members(found).filter(person_id=person).first()
        if member is None:
            raise Missing()
        return answer(leaving.leaves_behind(found, member.person, by=self.actor))


api_routes = [
    path("projects", Projects.as_view()),
    path("projects/<id:project>", OneProject.as_view()),
    path("projects/<id:project>/schemas", Schemas.as_view()),
    *guideline_api_routes,
    path("projects/<id:project>/members", Members.as_view()),
    path("projects/<id:project>/members/<id:person>", OneMember.as_view()),
    path("projects/<id:project>/members/<id:person>/work", LeavesBehind.as_view()),
    *team_api_routes,
    *invite_api_routes,
]

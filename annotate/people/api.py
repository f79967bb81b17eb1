"""/me, /tokens, /organisations, /people."""

from __future__ import annotations

from typing import Any, ClassVar

from django.middleware.csrf import get_token
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.errors import Missing
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import an_id
from annotate.people import queries, services
from annotate.people.models import Membership, Organisation, Token
from annotate.people.preferences import set_preferences


class OwnerInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    email = serializers.EmailField(required=False, allow_blank=True)


class OrganisationInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    owner = OwnerInput()


class PersonInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    email = serializers.EmailField(required=False, allow_blank=True)
    role = serializers.CharField(required=False, max_length=20)
    password = serializers.CharField(required=False, max_length=200, trim_whitespace=False)
    organisation = serializers.IntegerField(required=False)


class PersonChange(serializers.Serializer[Any]):
    role = serializers.CharField(required=False, max_length=20)
    email = serializers.EmailField(required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)


class TokenInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.CharField(max_length=10), min_length=1, max_length=5)
    organisation = serializers.IntegerField(required=False)
    project = serializers.IntegerField(required=False, allow_null=True)
    dataset = serializers.IntegerField(required=False, allow_null=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class MeChange(serializers.Serializer[Any]):
    preferences = serializers.DictField()


def present_organisation(organisation: Organisation) -> dict[str, Any]:
    return {"id": organisation.pk, "name": organisation.name, "created_at": organisation.created_at}


def present_member(membership: Membership) -> dict[str, Any]:
    person = membership.person
    return {
        "id": person.pk,
        "name": person.name,
        "email": person.email,
        "role": membership.role,
        "organisation": membership.organisation_id,
        "active": person.is_active,
        "created_at": person.created_at,
    }


def present_token(token: Token) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "person": {"id": token.person_id, "name": token.person.name},
        "organisation": token.organisation_id,
        "project": token.project_id,
        "dataset": token.dataset_id,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }


class Me(Endpoint):
    """Who am I: person, roles per organisation, what I set for myself, and what this token may do."""

    scopes: ClassVar = {"GET": (), "PATCH": ("label", "review", "manage")}
    dataset_tokens: ClassVar = ("GET",)

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """A signed-in page also gets `csrf`: the token of its session, which signing in anew has changed."""
        return self._answer(request)

    @extend_schema(request=MeChange, responses={200: dict})
    def patch(self, request: Request) -> Response:
        """`{"preferences": {"keys": {action: ["ctrl+m"]}}}` replaces the caller's own keys of the workbench."""
        self.actor.person.preferences = set_preferences(self.read(MeChange)["preferences"], by=self.actor)
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        person = self.actor.person
        by_session = self.actor.token_id is None
        return answer(
            {
                "id": person.pk,
                "name": person.name,
                "email": person.email,
                "language": person.language,
                "server_owner": person.is_server_owner,
                "preferences": person.preferences,
                **({"csrf": get_token(request._request)} if by_session else {}),
                "organisations": [
                    {"id": row.organisation_id, "name": row.organisation.name, "role": row.role}
                    for row in Membership.objects.filter(
                        person_id=person.pk, organisation_id__in=self.actor.organisations
                    ).select_related("organisation")
                ],
                "token": None
                if self.actor.token_id is None
                else {
                    "id": self.actor.token_id,
                    "scopes": sorted(self.actor.scopes or ()),
                    "project": self.actor.project_id,
                    "dataset": self.actor.dataset_id,
                },
            }
        )


class Organisations(Endpoint):
    scopes: ClassVar = {"GET": ("read",), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Those that the caller belongs to."""
        return self.listing(queries.organisations(self.actor), present_organisation)

    @extend_schema(request=OrganisationInput, responses={201: dict})
    def post(self, request: Request) -> Response:
        """For the server's owner: an organisation with its owner, a first token (shown this once) and an invite link."""
        data = self.read(OrganisationInput)
        organisation, owner, token, invite = services.create_organisation(
            data["name"], owner_name=data["owner"]["name"], owner_email=data["owner"].get("email", ""), by=self.actor
        )
        body = present_organisation(organisation)
        body |= {"owner": {"id": owner.pk, "name": owner.name}, "token": token}
        body["invite"] = request.build_absolute_uri(invite)
        return answer(body, 201)


class PeopleList(Endpoint):
    scopes: ClassVar = {"GET": ("read",), "POST": ("manage",)}
    query: ClassVar = ("organisation",)
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Everyone of the organisations that the caller administers; others get only themselves."""
        wanted = request.query_params.get("organisation")
        organisation_id = queries.home_organisation(self.actor, an_id(wanted, "organisation")) if wanted else None
        return self.listing(queries.people(self.actor, organisation_id), present_member, bind=str(organisation_id))

    @extend_schema(request=PersonInput, responses={201: dict})
    def post(self, request: Request) -> Response:
        """For admins: a person, and a one-time `invite` link when no password is given."""
        data = self.read(PersonInput)
        organisation_id = queries.home_organisation(self.actor, data.get("organisation"))
        person, invite = services.create_person(
            data["name"],
            organisation_id=organisation_id,
            role=data.get("role", "member"),
            email=data.get("email", ""),
            password=data.get("password"),
            by=self.actor,
        )
        body = present_member(queries.person(self.actor, person.pk))
        if invite:
            body["invite"] = request.build_absolute_uri(invite)
        return answer(body, 201)


class OnePerson(Endpoint):
    scopes: ClassVar = {"GET": ("read",), "PATCH": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, person: int) -> Response:
        """A person of an organisation that the caller administers, or the caller."""
        return answer(present_member(queries.person(self.actor, person)))

    @extend_schema(request=PersonChange, responses={200: dict})
    def patch(self, request: Request, person: int) -> Response:
        """Role, email, or deactivation: a deactivated person's sessions and tokens are dead at once."""
        membership = queries.person(self.actor, person)
        data = self.read(PersonChange)
        services.change_person(membership.person, organisation_id=membership.organisation_id, by=self.actor, **data)
        return answer(present_member(queries.person(self.actor, person)))


class ResetLink(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={201: dict})
    def post(self, request: Request, person: int) -> Response:
        """For admins: a link, in this answer and never again, by which the person sets a new password. It works once, for a
        day; older links die at once, and the person's sessions end when it is used."""
        found = queries.person(self.actor, person)
        link = services.reset_link(found.person, organisation_id=found.organisation_id, by=self.actor)
        return answer({"person": person, "invite": request.build_absolute_uri(link), "seconds": int(services.RESET_LIFETIME.total_seconds())}, 201)


class Tokens(Endpoint):
    scopes: ClassVar = {"GET": ("read",), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """The caller's tokens, without their secrets; admins get those of the organisation."""
        return self.listing(queries.tokens(self.actor), present_token)

    @extend_schema(request=TokenInput, responses={201: dict})
    def post(self, request: Request) -> Response:
        """A token; its secret `token` is in this answer and never again."""
        data = self.read(TokenInput)
        token, secret = services.create_token(
            data["name"],
            scopes=data["scopes"],
            organisation_id=queries.home_organisation(self.actor, data.get("organisation")),
            project_id=data.get("project"),
            dataset_id=data.get("dataset"),
            expires_at=data.get("expires_at"),
            by=self.actor,
        )
        return answer(present_token(token) | {"token": secret}, 201)


class OneToken(Endpoint):
    scopes: ClassVar = {"DELETE": ("manage",)}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token: int) -> Response:
        """Revokes it: dead from the next request on."""
        found = queries.tokens(self.actor).filter(pk=token).first()
        if found is None:
            raise Missing()
        services.revoke_token(found, by=self.actor)
        return answer(status=204)


api_routes = [
    path("me", Me.as_view()),
    path("organisations", Organisations.as_view()),
    path("people", PeopleList.as_view()),
    path("people/<id:person>", OnePerson.as_view()),
    path("people/<id:person>/reset", ResetLink.as_view()),
    path("tokens", Tokens.as_view()),
    path("tokens/<id:token>", OneToken.as_view()),
]

"""/activity: who did what, with the place and hash of each row in its organisation's chain."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.activity import queries
from annotate.activity.models import Activity
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import an_id
from annotate.people.models import Person
from annotate.people.queries import home_organisation

FILTERS = ("person", "verb", "noun", "noun_id")


def present_activity(row: Activity, names: dict[int, str]) -> dict[str, Any]:
    """One row; `number` and `hash` are null until it is sealed, about a second later."""
    return {
        "id": row.pk,
        "number": row.number,
        "hash": row.hash.hex() if row.hash else None,
        "at": row.at,
        "organisation": row.organisation_id,
        "project": row.project_id,
        "person": {"id": row.person_id, "name": names.get(row.person_id)} if row.person_id else None,
        "token": row.token_id,
        "verb": row.verb,
        "noun": row.noun,
        "noun_id": row.noun_id,
        "before": row.before.hex() if row.before else None,
        "after": row.after.hex() if row.after else None,
        "data": row.data,
        "request_id": row.request_id,
        "address": row.address,
    }


def names_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the names of their people, in one query."""
    ids = {row["person"]["id"] for row in rows if row["person"]}
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    for row in rows:
        if row["person"]:
            row["person"]["name"] = names.get(row["person"]["id"])
    return rows


class _Listing(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True

    def list_rows(self, rows: QuerySet[Activity], extra: str = "") -> Response:
        params = self.request.query_params
        bind = extra
        for name in (*FILTERS, "project"):
            text = params.get(name)
            if text is None:
                continue
            bind += f"|{name}={text}"
            field = {"person": "person_id", "project": "project_id"}.get(name, name)
            rows = rows.filter(**{field: text if name in ("verb", "noun") else an_id(text, name)})
        response = self.listing(rows, lambda row: present_activity(row, {}), bind=bind)
        response.data["results"] = names_of(response.data["results"])
        return response


class ProjectActivity(_Listing):
    query: ClassVar = FILTERS

    @extend_schema(parameters=[OpenApiParameter(name) for name in query], responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """For managers of the project, newest first."""
        found = queries.managed_project(self.actor, project)
        return self.list_rows(Activity.objects.filter(organisation_id=found.organisation_id, project_id=found.pk))


class OrganisationActivity(_Listing):
    query: ClassVar = (*FILTERS, "project", "organisation")

    @extend_schema(parameters=[OpenApiParameter(name) for name in query], responses={200: dict})
    def get(self, request: Request) -> Response:
        """For admins of the organisation, newest first."""
        wanted = request.query_params.get("organisation")
        organisation_id = home_organisation(self.actor, an_id(wanted, "organisation") if wanted is not None else None)
        return self.list_rows(queries.of_organisation(self.actor, organisation_id), extra=str(organisation_id))


class Heads(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """The last sealed number and hash of each chain: keep one elsewhere, and `verify_activity --head` can tell a cut."""
        rows = queries.heads(self.actor) if self.actor.project_id is None else []
        heads = [
            {
                "organisation": row.organisation_id,
                "number": row.number,
                "hash": row.hash.hex(),
                "sealed_at": row.sealed_at,
            }
            for row in rows
        ]
        return answer({"results": heads, "next": None})


api_routes = [
    path("activity", OrganisationActivity.as_view()),
    path("activity/heads", Heads.as_view()),
    path("projects/<id:project>/activity", ProjectActivity.as_view()),
]

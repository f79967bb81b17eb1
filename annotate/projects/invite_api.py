"""POST /people/invite: people by a list."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.http import Endpoint, answer
from annotate.people.queries import home_organisation
from annotate.projects import invite_lists


class InviteListInput(serializers.Serializer[Any]):
    csv = serializers.CharField(max_length=invite_lists.LONGEST, trim_whitespace=False, help_text="columns: name, email, role, project, team")
    organisation = serializers.IntegerField(required=False)
    preview = serializers.BooleanField(default=False, help_text="only say how each line is understood, and what is wrong")


class InviteList(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=InviteListInput, responses={200: dict, 201: dict})
    def post(self, request: Request) -> Response:
        """For admins: a person for each line, with a one-time `invite` link each, in this answer and never again. A fault in one
        line and nobody is invited; with `preview` the lines are answered (200), each with what is wrong in it by column."""
        data = self.read(InviteListInput)
        organisation_id = home_organisation(self.actor, data.get("organisation"))
        if data["preview"]:
            return answer({"results": invite_lists.present(invite_lists.read(data["csv"], organisation_id=organisation_id, by=self.actor))})
        made = invite_lists.invite(data["csv"], organisation_id=organisation_id, by=self.actor)
        rows = invite_lists.present([one.line for one in made])
        results = [
            {**row, "id": one.person.pk, "invite": request.build_absolute_uri(one.link)} for row, one in zip(rows, made, strict=True)
        ]
        return answer({"results": results}, 201)


invite_api_routes = [path("people/invite", InviteList.as_view())]

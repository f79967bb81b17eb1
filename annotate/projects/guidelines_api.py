"""/projects/{id}/guidelines: read by everybody of the project, written by managers; and its pictures."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing
from annotate.kernel.http import Endpoint, answer
from annotate.media.serving import POLICY, serve
from annotate.projects import guideline_pictures, guidelines, policies, queries
from annotate.projects.markdown import to_html
from annotate.projects.models import Guideline, GuidelinePicture

_SEEING = ("read", "label", "review", "manage")


class ExampleInput(serializers.Serializer[Any]):
    label = serializers.CharField(required=False, allow_blank=True, max_length=200)
    good = serializers.BooleanField(required=False)
    text = serializers.CharField(required=False, allow_blank=True, max_length=guidelines.LONGEST_WORDS)
    picture = serializers.IntegerField(required=False, allow_null=True, help_text="the id of a picture of an earlier version")


class GuidelinesInput(serializers.Serializer[Any]):
    text = serializers.CharField(allow_blank=True, max_length=guidelines.LONGEST, trim_whitespace=False, help_text="Markdown")
    examples = ExampleInput(many=True, required=False, help_text="left out: those of the newest version")
    message = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="what changed")


class SeenInput(serializers.Serializer[Any]):
    number = serializers.IntegerField()


class ExampleShape(serializers.Serializer[Any]):
    label = serializers.CharField(allow_blank=True)
    good = serializers.BooleanField()
    text = serializers.CharField(allow_blank=True)
    picture = serializers.IntegerField(allow_null=True)
    url = serializers.CharField(allow_null=True, help_text="of the picture")


class GuidelineShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True, help_text="Markdown")
    html = serializers.CharField(allow_blank=True, help_text="the text as safe HTML")
    examples = ExampleShape(many=True)
    message = serializers.CharField(allow_blank=True)
    author = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class SeenShape(serializers.Serializer[Any]):
    seen = serializers.IntegerField()


def picture_url(project_id: int, picture: int | None) -> str | None:
    return None if picture is None else f"/api/v1/projects/{project_id}/guidelines/pictures/{picture}"


def present(version: Guideline) -> dict[str, Any]:
    return {
        "id": version.pk,
        "number": version.number,
        "text": version.text,
        "html": to_html(version.text),
        "examples": [each | {"url": picture_url(version.project_id, each["picture"])} for each in version.examples],
        "message": version.message,
        "author": version.created_by.name if version.created_by else None,
        "created_at": version.created_at,
    }


class Guidelines(Endpoint):
    scopes: ClassVar = {"GET": _SEEING, "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: GuidelineShape(many=True)})
    def get(self, request: Request, project: int) -> Response:
        """Every version, newest first: the first row is what counts."""
        found = queries.get(self.actor, project)
        rows = Guideline.objects.filter(project=found).select_related("created_by")
        return self.listing(rows, present, keys=("-number",))

    @extend_schema(request=GuidelinesInput, responses={201: GuidelineShape})
    def post(self, request: Request, project: int) -> Response:
        """A new version; the same as the newest gives the newest."""
        found = queries.get(self.actor, project)
        require(policies.may_manage(self.actor, found))
        data = self.read(GuidelinesInput)
        made = guidelines.change(found, data["text"], examples=data.get("examples"), message=data.get("message", ""), by=self.actor)
        return answer(present(made), 201)


class Seen(Endpoint):
    scopes: ClassVar = {"POST": _SEEING}

    @extend_schema(request=SeenInput, responses={200: SeenShape})
    def post(self, request: Request, project: int) -> Response:
        """The caller read this version of the guidelines."""
        found = queries.get(self.actor, project)
        return answer({"seen": guidelines.acknowledge(found, self.read(SeenInput)["number"], by=self.actor)})


class Picture(Endpoint):
    scopes: ClassVar = {"GET": _SEEING}

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # `Accept: image/*` is fine here

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, project: int, picture: int) -> Any:
        """An example's picture; 404 when the item that it showed was erased."""
        found = queries.get(self.actor, project)
        row = GuidelinePicture.objects.filter(pk=picture, project=found).select_related("blob", "item__blob").first()
        if row is None:
            raise Missing()
        if row.blob is not None:
            stored, kind = guideline_pictures.stored(row)
            return serve(request._request, stored, type=kind, etag=f"{row.blob.hex}-guideline", name=f"{row.pk}", cache="private, no-cache")
        response = HttpResponse(guideline_pictures.part(row), content_type="image/jpeg")
        response["Cache-Control"] = "private, no-cache"
        response["Content-Security-Policy"] = POLICY
        response["X-Content-Type-Options"] = "nosniff"
        return response


guideline_api_routes = [
    path("projects/<id:project>/guidelines", Guidelines.as_view()),
    path("projects/<id:project>/guidelines/seen", Seen.as_view()),
    path("projects/<id:project>/guidelines/pictures/<id:picture>", Picture.as_view()),
]

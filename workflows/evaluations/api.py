"""/versions/{id}/pulls, /evaluations, /flags: what trainings say back about a version."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs.api import accepted
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from workflows.evaluations import queries, services
from workflows.evaluations.models import Evaluation, Pull
from workflows.releases import queries as releases

PULLS = ("read", "export", "manage")
REPORTS = ("export", "manage")
FLAGS = ("export", "label", "review", "manage")


class PullInput(serializers.Serializer[Any]):
    run = serializers.CharField(required=False, allow_blank=True, max_length=services.LONGEST)
    format = serializers.CharField(required=False, allow_blank=True, max_length=40)
    split = serializers.CharField(required=False, allow_blank=True, max_length=60)


class EvaluationInput(serializers.Serializer[Any]):
    model = serializers.CharField(max_length=services.LONGEST)
    metrics = serializers.JSONField(required=False)
    predictions = serializers.JSONField(required=False)
    run = serializers.CharField(required=False, allow_blank=True, max_length=services.LONGEST)
    split = serializers.CharField(required=False, allow_blank=True, max_length=60)


class FlagInput(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=1024, trim_whitespace=False)
    reason = serializers.CharField(max_length=1500)
    object = serializers.UUIDField(required=False)


def _named(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person else None


def present_pull(one: Pull) -> dict[str, Any]:
    return {
        "id": one.pk,
        "version": one.version_id,
        "run": one.run or None,
        "format": one.format or None,
        "split": one.split or None,
        "person": _named(one.person),
        "at": one.at,
    }


def present_evaluation(one: Evaluation) -> dict[str, Any]:
    return {
        "id": one.pk,
        "version": one.version_id,
        "model": one.model,
        "run": one.run or None,
        "split": one.split or None,
        "metrics": one.metrics,
        "created_by": _named(one.created_by),
        "created_at": one.created_at,
    }


class Pulls(Endpoint):
    scopes: ClassVar = {"GET": PULLS, "POST": PULLS}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """Who pulled the version, and for which run, newest first."""
        return self.listing(queries.pulls(releases.get_version(self.actor, version)), present_pull)

    @extend_schema(request=PullInput, responses={201: dict})
    def post(self, request: Request, version: int) -> Response:
        """Says that the version was pulled. Whoever may read it may say so, by a read-only token too."""
        found = releases.get_version(self.actor, version)
        return answer(present_pull(services.pull(found, by=self.actor, **self.read(PullInput))), 201)


class Evaluations(Endpoint):
    scopes: ClassVar = {"GET": PULLS, "POST": REPORTS}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True
    query: ClassVar = ("model",)

    @extend_schema(parameters=[OpenApiParameter("model")], responses={200: dict})
    def get(self, request: Request, version: int) -> Response:
        """Figures of models on this version, newest first; with `?model=`, of one."""
        rows, model = queries.evaluations(releases.get_version(self.actor, version)), request.query_params.get("model")
        return self.listing(rows if model is None else rows.filter(model=model), present_evaluation, bind=model or "")

    @extend_schema(request=EvaluationInput, responses={202: dict})
    def post(self, request: Request, version: int) -> Response:
        """A job; its result is `{"evaluation": id}`. `metrics` nests names down to numbers; `model` is the recipe that stays the same."""
        found = releases.get_version(self.actor, version)
        data = self.read(EvaluationInput)
        if data.pop("predictions", None) is not None:
            raise Invalid("predictions are not measured here yet: send `metrics`", code="not_supported", fields={"predictions": "is not supported"})
        if "metrics" not in data:
            raise Invalid("metrics: required", fields={"metrics": "required"})
        made = services.report(found, by=self.actor, **data)
        assert made.job is not None
        return accepted(made.job)


class OneEvaluation(Endpoint):
    scopes: ClassVar = {"GET": PULLS}
    dataset_tokens: ClassVar = ("GET",)

    @extend_schema(responses={200: dict})
    def get(self, request: Request, evaluation: int) -> Response:
        """A model's figures on a version."""
        return answer(present_evaluation(queries.get(self.actor, evaluation)))


class Flags(Endpoint):
    scopes: ClassVar = {"POST": FLAGS}
    dataset_tokens: ClassVar = ("POST",)

    @extend_schema(request=FlagInput, responses={201: dict})
    def post(self, request: Request, version: int) -> Response:
        """Tells a bad label back: a question on the item of this key, as the version froze it; `object` pins it to one."""
        found = releases.get_version(self.actor, version)
        data = self.read(FlagInput)
        made = services.flag(found, key=data["key"], reason=data["reason"], object=str(data["object"]) if "object" in data else None, by=self.actor)
        return answer({"question": made.pk, "item": made.item_id, "key": data["key"]}, 201)


api_routes = [
    path("versions/<id:version>/pulls", Pulls.as_view()),
    path("versions/<id:version>/evaluations", Evaluations.as_view()),
    path("versions/<id:version>/flags", Flags.as_view()),
    path("evaluations/<id:evaluation>", OneEvaluation.as_view()),
]

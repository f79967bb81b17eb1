"""/evaluations/{id}/suspects: labels that a model's predictions speak against, and what is done about them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.queues import queries as queues
from workflows.evaluations import acting, pictures, queries
from workflows.evaluations.models import KINDS
from workflows.evaluations.presenting import present_suspect

READS = ("read", "export", "manage")
ASKS = ("export", "label", "review", "manage")


class _Chosen(serializers.Serializer[Any]):
    suspects = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=acting.MOST)


class SendInput(_Chosen):
    queue = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class AskInput(_Chosen):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1500)


class Suspects(Endpoint):
    scopes: ClassVar = {"GET": READS}
    dataset_tokens: ClassVar = ("GET",)
    lists = True
    query: ClassVar = ("kind",)

    @extend_schema(parameters=[OpenApiParameter("kind", enum=list(KINDS))], responses={200: dict})
    def get(self, request: Request, evaluation: int) -> Response:
        """The most suspicious first, at most 500: `drawn` is the frozen object, `shape` the predicted one, `score` from 0 to 1 how far
        the model is to be believed there. None of an item that was erased."""
        found, kind = queries.get(self.actor, evaluation), request.query_params.get("kind", "")
        if kind and kind not in KINDS:
            raise Invalid(f"kind: one of {', '.join(KINDS)}", fields={"kind": f"one of {', '.join(KINDS)}"})
        return self.listing(queries.suspects(found, kind), present_suspect, keys=("rank",), bind=kind)


class Send(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=SendInput, responses={200: dict})
    def post(self, request: Request, evaluation: int) -> Response:
        """Their items to an annotate queue: `{"suspects": [ids], "queue"}` → `{"added"}`, the items that it did not have."""
        found = queries.get(self.actor, evaluation)
        data = self.read(SendInput)
        queue = queues.get(self.actor, data["queue"])
        return answer({"added": acting.send(found, queue, suspects=data["suspects"], by=self.actor)})


class CallBack(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, evaluation: int) -> Response:
        """Undoes what was sent: tasks that nobody has begun go. → `{"removed"}`"""
        return answer({"removed": acting.call_back(queries.get(self.actor, evaluation), by=self.actor)})


class Ask(Endpoint):
    scopes: ClassVar = {"POST": ASKS}
    dataset_tokens: ClassVar = ("POST",)

    @extend_schema(request=AskInput, responses={200: dict})
    def post(self, request: Request, evaluation: int) -> Response:
        """A question on the item of each, at most 50 at a time: `{"suspects": [ids], "reason"?}` → `{"asked"}`, those that had none yet."""
        found = queries.get(self.actor, evaluation)
        data = self.read(AskInput)
        return answer({"asked": acting.ask(found, suspects=data["suspects"], words=data.get("reason", ""), by=self.actor)})


class Picture(Endpoint):
    scopes: ClassVar = {"GET": READS}
    dataset_tokens: ClassVar = ("GET",)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # `Accept: image/*` is fine here

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def get(self, request: Request, evaluation: int, rank: int) -> Any:
        """What the suspect is about, in a square of 192 pixels with a little of what is around it."""
        return pictures.picture(queries.suspect(queries.get(self.actor, evaluation), rank))


suspect_routes = [
    path("evaluations/<id:evaluation>/suspects", Suspects.as_view()),
    path("evaluations/<id:evaluation>/suspects/send", Send.as_view()),
    path("evaluations/<id:evaluation>/suspects/call_back", CallBack.as_view()),
    path("evaluations/<id:evaluation>/suspects/ask", Ask.as_view()),
    path("evaluations/<id:evaluation>/suspects/<id:rank>/picture", Picture.as_view()),
]

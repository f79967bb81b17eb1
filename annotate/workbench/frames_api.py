"""Frames of a group, from the lease on one of them: which there are, to another one, and objects into others."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.http import Endpoint, answer
from annotate.queues.carrying import carry
from annotate.queues.frames import frames
from annotate.queues.leases import lock, require_live
from annotate.queues.stepping import step
from annotate.workbench.bundle import bundle
from annotate.workbench.shapes import BundleShape


class FrameShape(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    frame = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["here", "mine", "answered", "done", "open", "away"])
    key = serializers.CharField(allow_null=True)
    task = serializers.IntegerField(allow_null=True)
    revision = serializers.IntegerField(help_text="of one's draft there, 0 without one")
    objects = serializers.ListField(child=serializers.DictField(), help_text="those with a track")


class PreviousShape(serializers.Serializer[Any]):
    of = serializers.IntegerField(help_text="the item")
    objects = serializers.ListField(child=serializers.DictField())
    item = serializers.DictField(help_text="answers about it")


class FramesShape(serializers.Serializer[Any]):
    frames = FrameShape(many=True)
    previous = PreviousShape(allow_null=True, help_text="the nearest earlier frame of one's own with objects, all of them")


class CarryInput(serializers.Serializer[Any]):
    frames = serializers.ListField(
        child=serializers.DictField(),
        help_text="1 to 500 of {item, revision (of one's draft there as last seen, 0 without one), put: [objects], drop: [ids], fill: {name: value}, clear: [names]}",
    )


class CarriedShape(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    revision = serializers.IntegerField(required=False, help_text="of the draft, when it was written")
    filled = serializers.ListField(child=serializers.CharField(), required=False, help_text="answers about the item that it had none of")
    code = serializers.CharField(required=False, help_text="when it was not: frame_away, stale_draft or invalid")
    detail = serializers.CharField(required=False)


class CarriedFramesShape(serializers.Serializer[Any]):
    frames = CarriedShape(many=True)


class StepInput(serializers.Serializer[Any]):
    item = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class Frames(Endpoint):
    scopes: ClassVar = {"GET": ("label", "review"), "PUT": ("label",)}

    @extend_schema(responses={200: FramesShape})
    def get(self, request: Request, lease: int) -> Response:
        """Frames of the item's group around it, in their order; an empty list when it is no frame."""
        with transaction.atomic():
            found = frames(require_live(lock(lease, self.actor)))
        return answer({"frames": found.rows, "previous": found.previous})

    @extend_schema(request=CarryInput, responses={200: CarriedFramesShape})
    def put(self, request: Request, lease: int) -> Response:
        """Objects into one's drafts of other frames; each frame is written or named with what hinders it."""
        return answer({"frames": carry(lease, self.actor, self.read(CarryInput)["frames"])})


class Step(Endpoint):
    scopes: ClassVar = {"POST": ("label", "review")}

    @extend_schema(request=StepInput, responses={201: BundleShape})
    def post(self, request: Request, lease: int) -> Response:
        """To another frame of the group without an answer: its bundle. The draft of the present one stays."""
        return answer(bundle(step(lease, self.actor, item_id=self.read(StepInput)["item"])), 201)


frame_routes = [
    path("leases/<id:lease>/frames", Frames.as_view()),
    path("leases/<id:lease>/frame", Step.as_view()),
]

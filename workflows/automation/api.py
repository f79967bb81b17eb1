"""/projects/{id}/flow and /batches/{id}/way: the declared flow, what runs by itself, and where batches are on their way."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items.models import Batch
from annotate.kernel.http import Endpoint, answer
from annotate.projects.models import Project
from workflows.automation import flows, passages, queries, switching
from workflows.automation.presenting import present_flow, present_passage, present_way
from workflows.automation.states import KINDS


class FlowInput(serializers.Serializer[Any]):
    gate = serializers.JSONField(required=False, allow_null=True, help_text='{"bar": 0.05}: the gate that a batch gets; null: none')
    annotate = serializers.JSONField(required=False, allow_null=True, help_text='{"queue": id}, or settings of a queue of each batch\'s own: {"overlap": 2, …}')
    review = serializers.JSONField(required=False, allow_null=True, help_text="review rounds one after the other, each as for POST /batches/{batch}/rounds")
    adjudicate = serializers.JSONField(required=False, allow_null=True, help_text='{"queue": id}, or settings of a queue of each batch\'s own; null: none')
    release = serializers.JSONField(required=False, allow_null=True, help_text='{"dataset": id or name, "q", "splits", "by"}; null: none')


class SwitchesInput(serializers.Serializer[Any]):
    checks = serializers.BooleanField(required=False)
    gate = serializers.BooleanField(required=False)
    queue = serializers.BooleanField(required=False)
    round = serializers.BooleanField(required=False)
    version = serializers.BooleanField(required=False)


class StopInput(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=switching.LONGEST_REASON, default="")
    cancel = serializers.BooleanField(default=False, help_text="also end background work that is under way")


class StepInput(serializers.Serializer[Any]):
    step = serializers.ChoiceField(choices=KINDS)
    number = serializers.IntegerField(required=False, default=1, min_value=1, max_value=100, help_text="of review rounds")


class _OfProject(Endpoint):
    def project(self, project: int) -> Project:
        return queries.project_of(self.actor, project)


class _OfBatch(Endpoint):
    def batch(self, batch: int) -> Batch:
        return queries.batch_of(self.actor, batch)


class OneFlow(_OfProject):
    scopes: ClassVar = {"GET": ("read", "manage"), "PUT": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The flow with its switches and how many items stand at each stage, since when, and what keeps them. `number` null: none is
        declared yet, and `flow` is the usual one."""
        return answer(present_flow(self.project(project)))

    @extend_schema(request=FlowInput, responses={200: dict})
    def put(self, request: Request, project: int) -> Response:
        """Declares the flow from now on; parts left out are as null. Batches on their way keep the flow that they set out with. `fields` of
        a refusal name each place that is wrong, such as `review[0].sample.value`."""
        found = self.project(project)
        flows.declare(found, self.read(FlowInput), by=self.actor)
        return answer(present_flow(found))


class Switches(_OfProject):
    scopes: ClassVar = {"PUT": ("manage",)}

    @extend_schema(request=SwitchesInput, responses={200: dict})
    def put(self, request: Request, project: int) -> Response:
        """Lets steps be taken by themselves, in your name and no further than you may, or not any more; steps left out stay as they are."""
        found = self.project(project)
        switching.switch_all(found, self.read(SwitchesInput), by=self.actor)
        return answer(present_flow(found))


class StopFlow(_OfProject):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=StopInput, responses={200: dict})
    def post(self, request: Request, project: int) -> Response:
        """Nothing further starts by itself in the project. What runs comes to its end or, with `cancel`, is ended."""
        found = self.project(project)
        switching.stop(found, **self.read(StopInput), by=self.actor)
        return answer(present_flow(found))


class ResumeFlow(_OfProject):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, project: int) -> Response:
        """Takes the stop back."""
        found = self.project(project)
        switching.go_on(found, by=self.actor)
        return answer(present_flow(found))


class Ways(_OfProject):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The ways that batches of the project are on or went, the newest first, with their steps."""
        return self.listing(queries.passages(self.project(project), live=False), present_passage)


class OneWay(_OfBatch):
    scopes: ClassVar = {"GET": ("read", "manage"), "POST": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, batch: int) -> Response:
        """Where the batch is on its way: each step with its state, since when, by what, and why it waits. `number` null: it has not set
        out, and the steps say what people have done."""
        return answer(present_way(self.batch(batch)))

    @extend_schema(request=None, responses={201: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Sends a sealed batch on its way, one that was sealed before anything was switched on."""
        found = self.batch(batch)
        passages.send(found, by=self.actor)
        return answer(present_way(found), 201)


class StopWay(_OfBatch):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=StopInput, responses={200: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Nothing further starts by itself for this batch."""
        found = self.batch(batch)
        switching.stop(found.project, batch=found, **self.read(StopInput), by=self.actor)
        return answer(present_way(found))


class ResumeWay(_OfBatch):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Takes the batch's own stop back."""
        found = self.batch(batch)
        switching.go_on(found.project, batch=found, by=self.actor)
        return answer(present_way(found))


class RetryStep(_OfBatch):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=StepInput, responses={200: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Tries a step again that failed, was refused, or found nobody to act for."""
        found, data = self.batch(batch), self.read(StepInput)
        switching.retry(found, data["step"], data["number"], by=self.actor)
        return answer(present_way(found))


api_routes = [
    path("projects/<id:project>/flow", OneFlow.as_view()),
    path("projects/<id:project>/flow/switches", Switches.as_view()),
    path("projects/<id:project>/flow/stop", StopFlow.as_view()),
    path("projects/<id:project>/flow/resume", ResumeFlow.as_view()),
    path("projects/<id:project>/flow/batches", Ways.as_view()),
    path("batches/<id:batch>/way", OneWay.as_view()),
    path("batches/<id:batch>/way/stop", StopWay.as_view()),
    path("batches/<id:batch>/way/resume", ResumeWay.as_view()),
    path("batches/<id:batch>/way/retry", RetryStep.as_view()),
]

"""/projects/{id}/webhooks, /webhooks and their deliveries; the signature is that of Standard Webhooks."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.projects.policies import may_manage
from workflows.webhooks import queries, services
from workflows.webhooks.models import Delivery, Webhook

MANAGE = ("manage",)


class WebhookInput(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=2000)
    events = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20)


class WebhookChange(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=2000, required=False)
    events = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)
    active = serializers.BooleanField(required=False)


def present(one: Webhook) -> dict[str, Any]:
    return {
        "id": one.pk,
        "project": one.project_id,
        "url": one.url,
        "events": one.events,
        "active": one.active,
        "stopped_why": one.stopped_why or None,
        "failing_since": one.failing_since,
        "created_by": {"id": one.created_by.pk, "name": one.created_by.name} if one.created_by else None,
        "created_at": one.created_at,
    }


def present_delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.pk,
        "webhook": one.webhook_id,
        "message": f"msg_{one.pk}",
        "event": one.event,
        "payload": one.payload,
        "state": one.state,
        "attempts": one.attempts,
        "next_at": one.next_at if one.state == "waiting" else None,
        "status": one.status,
        "error": one.error or None,
        "created_at": one.created_at,
        "ended_at": one.ended_at,
    }


class Webhooks(Endpoint):
    scopes: ClassVar = {"GET": MANAGE, "POST": MANAGE}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The project's webhooks, newest first, without their secrets."""
        found = projects.get(self.actor, project)
        require(may_manage(self.actor, found))
        return self.listing(queries.webhooks(self.actor, found), present)

    @extend_schema(request=WebhookInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """An address that is told of `tag.moved`, `export.ready`, `version.frozen`, `version.withdrawn`. `secret` is shown this once.

        Each message is signed: headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. It may come more than once.
        """
        found = projects.get(self.actor, project)
        data = self.read(WebhookInput)
        made, secret = services.create(found, data["url"], events=data["events"], by=self.actor)
        return answer(present(made) | {"secret": secret}, 201)


class OneWebhook(Endpoint):
    scopes: ClassVar = {"GET": MANAGE, "PATCH": MANAGE, "DELETE": MANAGE}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, webhook: int) -> Response:
        """One webhook; what stopped it, if it was stopped."""
        return answer(present(queries.get(self.actor, webhook)))

    @extend_schema(request=WebhookChange, responses={200: dict})
    def patch(self, request: Request, webhook: int) -> Response:
        """Another address, other events, `active` false to stop it and true to let it go on."""
        found = queries.get(self.actor, webhook)
        return answer(present(services.change(found, by=self.actor, **self.read(WebhookChange))))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, webhook: int) -> Response:
        """It is told of nothing any more."""
        services.delete(queries.get(self.actor, webhook), by=self.actor)
        return answer(None, 204)


class Deliveries(Endpoint):
    scopes: ClassVar = {"GET": MANAGE}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, webhook: int) -> Response:
        """What it was told, newest first, with the status of the last try."""
        return self.listing(queries.deliveries(queries.get(self.actor, webhook)), present_delivery)


class Test(Endpoint):
    scopes: ClassVar = {"POST": MANAGE}

    @extend_schema(request=None, responses={201: dict})
    def post(self, request: Request, webhook: int) -> Response:
        """Sends a `webhook.test`."""
        return answer(present_delivery(services.test(queries.get(self.actor, webhook), by=self.actor)), 201)


class Retry(Endpoint):
    scopes: ClassVar = {"POST": MANAGE}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, delivery: int) -> Response:
        """Sends once more what was given up or has arrived."""
        return answer(present_delivery(services.again(queries.get_delivery(self.actor, delivery), by=self.actor)))


api_routes = [
    path("projects/<id:project>/webhooks", Webhooks.as_view()),
    path("webhooks/<id:webhook>", OneWebhook.as_view()),
    path("webhooks/<id:webhook>/deliveries", Deliveries.as_view()),
    path("webhooks/<id:webhook>/test", Test.as_view()),
    path("deliveries/<id:delivery>/retry", Retry.as_view()),
]

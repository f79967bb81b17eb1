"""/projects/{id}/wall and /wall-acts: the crops of a label side by side, and one act on all that is marked, with one undo."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import limit_of
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.queues.models import Queue
from workflows.wall import queries
from workflows.wall.acting import Preview, Wish, act, preview, undo
from workflows.wall.asking import NAMES, SIDES, Asked, read
from workflows.wall.choosing import PER_PAGE, choose
from workflows.wall.crop_api import crop_routes
from workflows.wall.models import WallAct
from workflows.wall.showing import Card, cards
from workflows.wall.spots import MOST
from workflows.wall.states import ACTS, ORDERS
from workflows.wall.wording import told

ASKED = [
    OpenApiParameter("label", description="objects of this label; without it, and without the others, the schema's first"),
    OpenApiParameter("answer", description="whole items with this answer: name=option of an item attribute"),
    OpenApiParameter("given", description="a cell: what was said; empty where nothing was"),
    OpenApiParameter("meant", description="a cell: what it is; empty where there is nothing"),
    OpenApiParameter("of", enum=list(SIDES), description="a cell: who said it"),
    OpenApiParameter("about", description="a cell: of this attribute of the whole item"),
    OpenApiParameter("batch", int, description="a cell: of this batch alone"),
    OpenApiParameter("q", description="items: the query language"),
    OpenApiParameter("order", enum=list(ORDERS)),
    OpenApiParameter("person", int, description="the author of what is shown"),
]


class ActInput(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=list(ACTS))
    things = serializers.ListField(child=serializers.CharField(max_length=60), max_length=MOST, help_text="names of things, as the wall gives them")
    label = serializers.CharField(required=False, allow_blank=True, max_length=300, default="", help_text="relabel: what they are")
    option = serializers.CharField(required=False, allow_blank=True, max_length=300, default="", help_text="relabel, of whole items: what is answered instead")
    answer = serializers.CharField(required=False, allow_blank=True, max_length=700, default="", help_text="relabel, of whole items: name=option as it is")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="", help_text="return: in words, this or reason_key")
    reason_key = serializers.CharField(required=False, allow_blank=True, max_length=40, default="", help_text="return: one of the project's return_reasons")
    queue = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=2**63 - 1, help_text="queue: an annotate queue")
    name = serializers.CharField(required=False, allow_blank=True, max_length=200, default="", help_text="queue: name of a new one")
    preview = serializers.BooleanField(default=False, help_text="only say what it would come to")


class EmptyInput(serializers.Serializer[Any]):
    """A call without a body."""


def wish_of(project: Project, data: dict[str, Any], asked: Asked | None = None) -> Wish:
    """What was asked for in words, with the queue that was named."""
    queue = None
    if data.get("queue"):
        queue = Queue.objects.filter(pk=data["queue"], project=project).first()
        if queue is None:
            raise Invalid("there is no such queue in this project", fields={"queue": "not of this project"})
    if asked is None:
        asked = read(project, {"answer": data["answer"]} if data.get("answer") else {})
    return Wish(data["act"], tuple(data["things"]), asked, data["label"], data["option"], data["reason"], data["reason_key"], queue, data["name"])


def present_thing(card: Card) -> dict[str, Any]:
    spot = card.spot
    return {
        "thing": card.name,
        "item": spot.seen.item,
        "annotation_id": spot.seen.id,
        "object": spot.thing["id"] if spot.thing else None,
        "label": card.label or None,
        "kind": spot.thing.get("kind") if spot.thing else None,
        "author": {"id": spot.seen.author, "name": card.author} if spot.seen.author else None,
        "state": card.state,
        "waiting": card.waiting,
        "value": spot.value,
        "score": (spot.thing or {}).get("score", spot.seen.confidence),
        "square": list(card.square) if card.square else None,
        "crop": f"/api/v1/items/{spot.seen.item}/crop?annotation={spot.seen.id}" + (f"&place={spot.place}" if spot.place is not None else "")
        if card.square and card.item.blob_id
        else None,
    }  # fmt: skip


def present_preview(found: Preview) -> dict[str, Any]:
    return {
        "things": found.things, "items": found.items, "changes": found.changes, "approved": found.approved, "people": found.people,
        "left_out": found.left_out,
    }  # fmt: skip


def present_act(made: WallAct) -> dict[str, Any]:
    def person(one: Any) -> dict[str, Any] | None:
        return {"id": one.pk, "name": one.name} if one is not None else None

    return {
        "id": made.pk,
        "project": made.project_id,
        "act": made.act,
        "asked": made.asked,
        "arguments": made.arguments,
        "queue": made.queue_id,
        "things": made.things,
        "state": made.state,
        "counts": made.counts,
        "told": told(made),
        "job": made.job_id,
        "created_at": made.created_at,
        "created_by": person(made.created_by),
        "undone_at": made.undone_at,
        "undone_by": person(made.undone_by),
    }


class Wall(Endpoint):
    scopes: ClassVar = {"GET": ("read", "review", "manage"), "POST": ("review", "manage")}
    query: ClassVar = (*NAMES, "cursor", "limit")

    @extend_schema(parameters=[*ASKED, OpenApiParameter("cursor"), OpenApiParameter("limit", int)], responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Things side by side, some `limit` (300) a page. In an order that is still being made `results` is empty and `job` names who makes it."""
        found = projects.get(self.actor, project)
        params = request.query_params
        asked = read(found, params)
        page = choose(found, asked, by=self.actor, cursor=params.get("cursor"), limit=limit_of(params.get("limit"), PER_PAGE))
        made = page.order
        return answer({
            "results": [present_thing(card) for card in cards(found, page.spots)],
            "next": page.next,
            "ordered_at": made.created_at if made is not None else None,
            "job": made.job_id if made is not None and made.state == "making" else None,
        })  # fmt: skip

    @extend_schema(request=ActInput, responses={200: dict, 201: dict})
    def post(self, request: Request, project: int) -> Response:
        """One act on all that is marked. `state` is running while a job carries it out. What was revised since it was seen is left out
        and counted. An approved item stays approved as it is until what follows is approved. With `preview` only what it would come to is answered (200)."""
        found, data = projects.get(self.actor, project), self.read(ActInput)
        if data["act"] == "queue":
            self.actor.require_scope("manage")
        wish = wish_of(found, data)
        if data["preview"]:
            return answer(present_preview(preview(found, wish, by=self.actor)))
        return answer(present_act(act(found, wish, by=self.actor)), 201)


class WallActs(Endpoint):
    scopes: ClassVar = {"GET": ("read", "review", "manage")}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """What was done on the wall, the newest first."""
        return self.listing(queries.acts(self.actor, projects.get(self.actor, project)), present_act)


class OneAct(Endpoint):
    scopes: ClassVar = {"GET": ("read", "review", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, act: int) -> Response:
        """An act, with how many items had which outcome."""
        return answer(present_act(queries.get(self.actor, act)))


class UndoAct(Endpoint):
    scopes: ClassVar = {"POST": ("review", "manage")}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, act: int) -> Response:
        """Takes back what it changed, once: labels, tasks and states are as they were. What something else changed since is `left`."""
        self.read(EmptyInput)
        return answer(present_act(undo(queries.get(self.actor, act), by=self.actor)))


api_routes = [
    *crop_routes,
    path("projects/<id:project>/wall", Wall.as_view()),
    path("projects/<id:project>/wall-acts", WallActs.as_view()),
    path("wall-acts/<id:act>", OneAct.as_view()),
    path("wall-acts/<id:act>/undo", UndoAct.as_view()),
]

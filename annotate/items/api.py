"""/projects/{id}/batches, /batches, /projects/{id}/items and /items: what was collected, and reading it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items import browsing, policies, queries, services
from annotate.items.batches import reality
from annotate.items.history import Event, history
from annotate.items.media_api import media_url
from annotate.items.models import Batch, Item
from annotate.items.revisions import revisions
from annotate.items.stages import stage
from annotate.kernel.decisions import require
from annotate.kernel.errors import Denied
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import MAX_LIMIT, an_id, limit_of
from annotate.projects import policies as projects
from annotate.projects import queries as project_queries

SEEING = ("read", "label", "review", "manage")


class BatchInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    source = serializers.CharField(required=False, allow_blank=True, max_length=500)
    plan = serializers.DictField(required=False)


class BatchChange(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=200)
    source = serializers.CharField(required=False, allow_blank=True, max_length=500)
    plan = serializers.DictField(required=False)


class Erasure(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


def present_batch(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.pk,
        "project": batch.project_id,
        "name": batch.name,
        "source": batch.source,
        "plan": batch.plan,
        "state": batch.state,
        "created_by": batch.created_by_id,
        "created_at": batch.created_at,
    }


def present_item(item: Item) -> dict[str, Any]:
    """An item as lists and its own address show it."""
    media = {size: media_url(item.pk, size) for size in ("thumb", "display", "full")} if item.blob_id else None
    return {
        "id": item.pk,
        "key": item.key,
        "project": item.project_id,
        "batch": item.batch_id,
        "state": item.state,
        "stage": stage(item),
        "width": item.width,
        "height": item.height,
        "sha256": item.sha256.hex() if item.sha256 else None,
        "uri": item.uri,
        "group": item.group,
        "frame": item.frame,
        "meta": item.meta,
        "captured_at": item.captured_at,
        "created_at": item.created_at,
        "created_by": item.created_by_id,
        "media": media,
    }


def present_person(person: Any) -> dict[str, Any] | None:
    return {"id": person.pk, "name": person.name} if person is not None else None


def present_revision(row: Any) -> dict[str, Any]:
    """A revision: its objects and item attributes, who put it there and how, and whose words it is (`author`)."""
    content = row.content
    return {
        "id": row.pk,
        "revision": row.revision,
        "objects": content.get("objects", []),
        "item": content.get("item", {}),
        "source": "person" if row.source == "gold" else row.source,  # its author reads it as any other
        "person": present_person(row.person),
        "author": present_person(row.author),
        "schema": row.schema_version.number,
        "approved": row.approved,
        "digest": row.digest.hex(),
        "seconds": row.seconds,
        "created_at": row.created_at,
    }


def present_event(event: Event) -> dict[str, Any]:
    return {"at": event.at, "what": event.what, "person": present_person(event.person), "data": event.data}


class Batches(Endpoint):
    scopes: ClassVar = {"GET": (*SEEING, "export"), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Newest first; collectors get those they may upload to."""
        found = project_queries.get(self.actor, project)
        return self.listing(queries.batches(self.actor, found), present_batch)

    @extend_schema(request=BatchInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """A batch to collect into; `plan` holds the target, quotas by query, and the day it is due."""
        found = project_queries.get(self.actor, project)
        require(projects.may_collect(self.actor, found))
        data = self.read(BatchInput)
        return answer(present_batch(services.create_batch(found, data.pop("name"), by=self.actor, **data)), 201)


class OneBatch(Endpoint):
    scopes: ClassVar = {"GET": (*SEEING, "export"), "PATCH": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, batch: int) -> Response:
        """With what has come in so far: items by state, and each quota of the plan."""
        found = queries.get_batch(self.actor, batch)
        return answer(present_batch(found) | {"reality": reality(self.actor, found).document()})

    @extend_schema(request=BatchChange, responses={200: dict})
    def patch(self, request: Request, batch: int) -> Response:
        """Rename it, or change its source or plan; what is left out stays."""
        found = queries.get_batch(self.actor, batch)
        require(projects.may_manage(self.actor, found.project))
        return answer(present_batch(services.change_batch(found, by=self.actor, **self.read(BatchChange))))


class Seal(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Collection is finished."""
        return answer(present_batch(services.seal(queries.get_batch(self.actor, batch), by=self.actor)))


class Reopen(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, batch: int) -> Response:
        """A sealed batch takes items again."""
        return answer(present_batch(services.reopen(queries.get_batch(self.actor, batch), by=self.actor)))


class Items(Endpoint):
    scopes: ClassVar = {"GET": (*SEEING, "export")}
    lists = True
    query: ClassVar = ("q", "sort")

    @extend_schema(parameters=[OpenApiParameter("q"), OpenApiParameter("sort")], responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Items that match a query, newest first unless `sort` says otherwise."""
        found = project_queries.get(self.actor, project)
        q, sort = request.query_params.get("q", ""), request.query_params.get("sort", "")
        rows, keys = browsing.browse(self.actor, found, q, sort)
        listed = self.listing(rows, lambda item: item, keys=keys, bind=f"{q}|{sort}", walk=browsing.walk(self.actor, found, q))
        listed.data["results"] = [present_item(item) for item in queries.as_seen(self.actor, listed.data["results"])]
        return listed


class OneItem(Endpoint):
    scopes: ClassVar = {"GET": SEEING, "DELETE": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, item: int) -> Response:
        """One item with its text or the size, type and facts of its picture."""
        found = queries.get(self.actor, item)
        queries.as_seen(self.actor, [found])
        blob = found.blob
        more = {"text": found.text, "size": blob.size if blob else None, "type": blob.type if blob else None}
        return answer(present_item(found) | more | {"facts": _facts(found)})

    @extend_schema(request=Erasure, responses={204: None})
    def delete(self, request: Request, item: int) -> Response:
        """Erases the item for good, everywhere; `reason` is kept."""
        found = queries.get(self.actor, item)
        require(policies.may_erase(self.actor, found.project))
        services.erase(found, reason=self.read(Erasure)["reason"], by=self.actor)
        return answer(status=204)


def _facts(item: Item) -> dict[str, Any]:
    facts = item.blob.facts if item.blob else {}
    return {name: value for name, value in facts.items() if name != "renditions"}


class Annotations(Endpoint):
    scopes: ClassVar = {"GET": SEEING}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, item: int) -> Response:
        """Every revision with its objects, newest first; annotators get their own."""
        found = queries.get(self.actor, item)
        return self.listing(revisions(self.actor, found), present_revision, keys=("-number",))


class History(Endpoint):
    scopes: ClassVar = {"GET": SEEING}
    query: ClassVar = ("cursor", "limit", "count")

    @extend_schema(responses={200: dict})
    def get(self, request: Request, item: int) -> Response:
        """Who did what, when; newest first. Of an erased item this stays."""
        found = queries.get(self.actor, item, erased=True)
        if found.state == "erased" and not queries.sees_all(self.actor, found.project):
            raise Denied("this item was erased", code="erased")
        events, params = history(self.actor, found), request.query_params
        # Events are only ever added at the new end, so how many are left below names a place for good.
        left = an_id(params.get("cursor") or str(len(events)), "cursor")
        start = max(len(events) - left, 0)
        stop = start + limit_of(params.get("limit"), MAX_LIMIT)
        body: dict[str, Any] = {
            "results": [present_event(event) for event in events[start:stop]],
            "next": str(len(events) - stop) if stop < len(events) else None,
        }
        if params.get("count") == "1":
            body["count"] = len(events)
        return answer(body)


api_routes = [
    path("projects/<id:project>/batches", Batches.as_view()),
    path("batches/<id:batch>", OneBatch.as_view()),
    path("batches/<id:batch>/seal", Seal.as_view()),
    path("batches/<id:batch>/reopen", Reopen.as_view()),
    path("projects/<id:project>/items", Items.as_view()),
    path("items/<id:item>", OneItem.as_view()),
    path("items/<id:item>/annotations", Annotations.as_view()),
    path("items/<id:item>/history", History.as_view()),
]

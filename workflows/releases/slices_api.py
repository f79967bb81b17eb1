"""/projects/{id}/slices and /slices: saved queries."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count, Sum
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.annotations.models import LabelCount
from annotate.items.models import Item
from annotate.kernel.decisions import require
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.search.compile import compile_query
from workflows.releases import policies, queries, services
from workflows.releases.models import Slice
from workflows.releases.presenting import present_slice

PULL = ("read", "export")


class SliceInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    q = serializers.CharField(allow_blank=True, required=False, default="", max_length=services.LONGEST_QUERY)


def stats(one: Slice) -> dict[str, Any]:
    """What the slice holds now: {"items", "states": {state: items}, "labels": {label: objects}}."""
    items = Item.objects.filter(compile_query(one.q, one.project_id), project_id=one.project_id).exclude(state="erased")
    states = dict(items.order_by().values_list("state").annotate(n=Count("pk")))
    counted = LabelCount.objects.filter(project_id=one.project_id, item__in=items.order_by().values("pk"))
    labels = dict(counted.values_list("label").annotate(n=Sum("n")).order_by("label"))
    return {"items": sum(states.values()), "states": states, "labels": labels}


class Slices(Endpoint):
    scopes: ClassVar = {"GET": PULL, "POST": ("manage",)}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The project's saved queries, newest first."""
        return self.listing(queries.slices(self.actor, projects.get(self.actor, project)), present_slice)

    @extend_schema(request=SliceInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """Saves a query under a name."""
        found = projects.get(self.actor, project)
        require(policies.may_save_slice(self.actor, found))
        return answer(present_slice(services.create_slice(found, by=self.actor, **self.read(SliceInput))), 201)


class OneSlice(Endpoint):
    scopes: ClassVar = {"GET": PULL}
    dataset_tokens: ClassVar = ("GET", "POST")
    query: ClassVar = ("stats",)

    @extend_schema(parameters=[OpenApiParameter("stats")], responses={200: dict})
    def get(self, request: Request, slice: int) -> Response:
        """The saved query; with `?stats=1`, what it holds now by state and label."""
        found = queries.get_slice(self.actor, slice)
        more = {"stats": stats(found)} if request.query_params.get("stats") == "1" else {}
        return answer(present_slice(found) | more)

"""`/projects/{id}/gold`: items whose truth is known, for managers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.gold import queries, services
from annotate.gold.models import Gold
from annotate.gold.states import GOLD
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.projects.policies import may_manage

_ID = {"min_value": 1, "max_value": 2**63 - 1}


class TruthInput(serializers.Serializer[Any]):
    item = serializers.IntegerField(**_ID)
    annotation = serializers.DictField()


class GoldInput(serializers.Serializer[Any]):
    items = serializers.ListField(child=serializers.IntegerField(**_ID), required=False, max_length=services.MOST, help_text="ids of approved items")
    q = serializers.CharField(required=False, max_length=10_000, help_text="a query: the approved items that match it")
    gold = TruthInput(many=True, required=False, max_length=services.MOST, help_text="items with the truth of each, which becomes no label")


class AddedShape(serializers.Serializer[Any]):
    added = serializers.ListField(child=serializers.DictField(), help_text='[{"item", "gold"}]')
    skipped = serializers.ListField(
        child=serializers.DictField(), help_text='[{"item", "code"}]: unknown, erased, not_approved or already'
    )


class GoldShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    item = serializers.IntegerField()
    key = serializers.CharField()
    annotation = serializers.IntegerField(help_text="the truth")
    state = serializers.ChoiceField(choices=list(GOLD.states))
    answers = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    created_by = serializers.DictField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)


def present_gold(row: Gold) -> dict[str, Any]:
    made_by = row.created_by
    return {
        "id": row.pk,
        "item": row.item_id,
        "key": row.item.key,
        "annotation": row.annotation_id,
        "state": row.state,
        "answers": getattr(row, "answers", 0),
        "created_at": row.created_at,
        "created_by": {"id": made_by.pk, "name": made_by.name} if made_by is not None else None,
        "retired_at": row.retired_at,
    }


class ProjectGold(Endpoint):
    scopes: ClassVar = {"GET": ("manage",), "POST": ("manage",)}
    query: ClassVar = ("state",)
    lists = True

    @extend_schema(
        parameters=[OpenApiParameter("state", OpenApiTypes.STR, enum=list(GOLD.states))], responses={200: GoldShape(many=True)}
    )
    def get(self, request: Request, project: int) -> Response:
        """Items whose truth is known, newest first."""
        state = request.query_params.get("state", "")
        if state and state not in GOLD.states:
            raise Invalid("no such state", fields={"state": f"one of {', '.join(GOLD.states)}"})
        return self.listing(queries.of_project(self.actor, projects.get(self.actor, project), state), present_gold, bind=state)

    @extend_schema(request=GoldInput, responses={201: AddedShape})
    def post(self, request: Request, project: int) -> Response:
        """Make gold of approved items (`items`, or those that `q` matches, at most 10,000), or of items with a truth (`gold`)."""
        found = projects.get(self.actor, project)
        require(may_manage(self.actor, found))
        data = self.read(GoldInput)
        if len(data) != 1:
            raise Invalid("say which", fields=dict.fromkeys(data or ("items",), "exactly one of items, q and gold"))
        if "gold" in data:
            made = services.add_truths(found, data["gold"], by=self.actor)
        else:
            items = data["items"] if "items" in data else list(queries.fit(found, data["q"]).order_by("pk").values_list("pk", flat=True)[: services.MOST])
            made = services.add_gold(found, items, by=self.actor) if items or "items" in data else services.Added()
        return answer(
            {
                "added": [{"item": item, "gold": gold} for item, gold in sorted(made.gold.items())],
                "skipped": [{"item": item, "code": code} for item, code in made.passed.items()],
            },
            201,
        )


class OneGold(Endpoint):
    scopes: ClassVar = {"DELETE": ("manage",)}

    @extend_schema(responses={200: GoldShape})
    def delete(self, request: Request, gold: int) -> Response:
        """Hand it out no more; what it measured stays."""
        return answer(present_gold(services.retire(queries.get(self.actor, gold), by=self.actor)))


api_routes = [path("projects/<id:project>/gold", ProjectGold.as_view()), path("gold/<id:gold>", OneGold.as_view())]

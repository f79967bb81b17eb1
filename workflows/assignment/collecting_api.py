"""/collecting: a collector's batches and quotas; /batches/{batch}/collectors: who collects for a batch."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items import collecting
from annotate.items.collecting import Portion
from annotate.items.models import Batch
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.people.models import Person
from annotate.people.queries import by_name_or_id
from annotate.projects.person_field import PersonName
from workflows.assignment import queries


class CollectorInput(serializers.Serializer[Any]):
    person = PersonName()
    target = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=collecting.MOST)


class CollectorsInput(serializers.Serializer[Any]):
    collectors = CollectorInput(many=True, help_text="all of them, in place of those of before; none: every collector of the project")


def present_portion(portion: Portion) -> dict[str, Any]:
    return {
        "batch": {"id": portion.batch.pk, "name": portion.batch.name},
        "project": portion.batch.project_id,
        "due": portion.batch.plan.get("due"),
        "mine": portion.mine,
        "target": portion.target,
        "short": portion.short,
        "total": portion.total,
        "planned": portion.planned,
        "quotas": [quota.document() | {"name": quota.name, "mine": mine} for quota, mine in portion.quotas],
    }


class Collecting(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """For collectors: the open batches that they are to collect for, with their own targets, the plan's quotas, and how far."""
        return answer({"results": [present_portion(one) for one in queries.portions(self.actor)], "next": None})


class Collectors(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "PUT": ("manage",)}

    def _present(self, batch: Batch) -> dict[str, Any]:
        rows = [
            {"person": {"id": row.person_id, "name": row.person.name}, "target": row.target, "items": came}
            for row, came in collecting.standing(batch)
        ]
        return {"collectors": rows}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, batch: int) -> Response:
        """Who collects for the batch, each with a target and how much of it has come. For managers."""
        return answer(self._present(queries.managed_batch(self.actor, batch)))

    @extend_schema(request=CollectorsInput, responses={200: dict})
    def put(self, request: Request, batch: int) -> Response:
        """Names all who collect for the batch; from then on it is there for those collectors alone."""
        found = queries.managed_batch(self.actor, batch)
        people: dict[Person, int | None] = {}
        for index, each in enumerate(self.read(CollectorsInput)["collectors"]):
            try:
                people[by_name_or_id(found.project.organisation_id, each["person"])] = each.get("target")
            except Missing as error:
                raise Invalid(str(error.detail), fields={f"collectors[{index}].person": str(error.detail)}) from error
        collecting.set_collectors(found, people, by=self.actor)
        return answer(self._present(found))


collecting_api_routes = [path("collecting", Collecting.as_view()), path("batches/<id:batch>/collectors", Collectors.as_view())]

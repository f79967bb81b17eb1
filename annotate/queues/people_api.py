"""Work of a person: tasks kept for them in a queue, and all of their open work moved to another or given back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.people.models import Person
from annotate.people.queries import by_name_or_id
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import queries, reserving
from annotate.queues.models import Queue, Task
from annotate.queues.moving import KINDS, move_work
from annotate.queues.naming import PersonName, named


class ReservationInput(serializers.Serializer[Any]):
    items = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=reserving.MOST, help_text="ids of items"
    )
    person = PersonName()
    until = serializers.DateTimeField(required=False, allow_null=True, help_text="without it, without end")


class ReservedShape(serializers.Serializer[Any]):
    reserved = serializers.ListField(child=serializers.DictField(), help_text='[{"item", "task"}]')
    skipped = serializers.ListField(child=serializers.DictField(), help_text='[{"item", "code"}]')


class ReservationShape(serializers.Serializer[Any]):
    task = serializers.IntegerField()
    item = serializers.IntegerField()
    key = serializers.CharField()
    person = serializers.DictField()
    until = serializers.DateTimeField(allow_null=True)


class MoveInput(serializers.Serializer[Any]):
    to = PersonName(required=False, allow_null=True, help_text="without it, or null: to all")
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=list(KINDS)), required=False, help_text="without it: all kinds")


class MovedShape(serializers.Serializer[Any]):
    moved = serializers.DictField(child=serializers.IntegerField(), help_text="by kind: reserved, returned, held")
    skipped = serializers.DictField(child=serializers.IntegerField(), help_text="why others stay → how many")


class Reservations(Endpoint):
    scopes: ClassVar = {"GET": ("manage",), "POST": ("manage",)}
    query: ClassVar = ("person",)
    lists = True

    def managed(self, queue: int) -> Queue:
        found = queries.get(self.actor, queue)
        require(may_manage(self.actor, found.project))
        return found

    @extend_schema(
        parameters=[OpenApiParameter("person", OpenApiTypes.STR, description="id or name")], responses={200: ReservationShape(many=True)}
    )
    def get(self, request: Request, queue: int) -> Response:
        """Waiting tasks that are kept for somebody."""
        found = self.managed(queue)
        rows = reserving.kept(found).select_related("item", "person")
        wanted = request.query_params.get("person", "")
        if wanted:
            rows = rows.filter(person=named(found.project.organisation_id, wanted, "person"))
        return self.listing(rows, _present, keys=("id",), bind=wanted)

    @extend_schema(request=ReservationInput, responses={200: ReservedShape})
    def post(self, request: Request, queue: int) -> Response:
        """Keep a task of each item for a person: only they are served it, first. Items that do not fit are skipped with a code."""
        found = self.managed(queue)
        data = self.read(ReservationInput)
        person = named(found.project.organisation_id, data["person"], "person")
        made = reserving.reserve(found, data["items"], person, until=data.get("until"), by=self.actor)
        return answer(
            {
                "reserved": [{"item": item, "task": task} for item, task in sorted(made.tasks.items())],
                "skipped": [{"item": item, "code": code} for item, code in sorted(made.passed.items())],
            }
        )


def _present(task: Task) -> dict[str, Any]:
    assert task.person is not None
    return {
        "task": task.pk,
        "item": task.item_id,
        "key": task.item.key,
        "person": {"id": task.person_id, "name": task.person.name},
        "until": task.reserved_until,
    }


class OneReservation(Endpoint):
    scopes: ClassVar = {"DELETE": ("manage",)}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, queue: int, task: int) -> Response:
        """Keep the task for nobody. One that is kept for nobody stays so."""
        found = queries.get(self.actor, queue)
        reserving.release(found, [task], by=self.actor)
        return answer(status=204)


class _Moving(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    def moved(self, project: Project, person: int, queue: Queue | None) -> Response:
        require(may_manage(self.actor, project))
        data = self.read(MoveInput)
        try:
            who = by_name_or_id(project.organisation_id, person)
        except Missing:
            who = _gone(project, person)
        to = None if data.get("to") is None else named(project.organisation_id, data["to"], "to")
        kinds = data.get("kinds", KINDS)
        if not kinds:
            raise Invalid("name what is moved, or leave kinds out", fields={"kinds": f"some of {', '.join(KINDS)}"})
        found = move_work(project, who, to=to, queue=queue, kinds=kinds, by=self.actor)
        return answer({"moved": found.moved, "skipped": found.passed})


def _gone(project: Project, person_id: int) -> Person:
    """Somebody who has left the organisation and still has a task here."""
    found = Person.objects.filter(pk=person_id, tasks__queue__project=project).first()
    if found is None:
        raise Missing()
    return found


class MoveInQueue(_Moving):
    @extend_schema(request=MoveInput, responses={200: MovedShape})
    def post(self, request: Request, queue: int, person: int) -> Response:
        """Move what the person has open in the queue (kept, returned, held) to another, or back to all."""
        found = queries.get(self.actor, queue)
        return self.moved(found.project, person, found)


class MoveInProject(_Moving):
    @extend_schema(request=MoveInput, responses={200: MovedShape})
    def post(self, request: Request, project: int, person: int) -> Response:
        """Move what the person has open in all queues of the project to another, or back to all."""
        return self.moved(projects.get(self.actor, project), person, None)


people_routes = [
    path("queues/<id:queue>/reservations", Reservations.as_view()),
    path("queues/<id:queue>/reservations/<id:task>", OneReservation.as_view()),
    path("queues/<id:queue>/people/<id:person>/move", MoveInQueue.as_view()),
    path("projects/<id:project>/people/<id:person>/move", MoveInProject.as_view()),
]

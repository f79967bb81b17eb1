"""/batches/{batch}/assign: a batch to a team in one step, shown first when asked; and its undo."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items.models import Batch
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.people.queries import by_name_or_id
from annotate.projects import team_queries
from annotate.projects.person_field import PersonName
from annotate.queues.models import Queue
from workflows.assignment import handing, queries
from workflows.assignment.models import Handing
from workflows.assignment.planning import LEFT_OUT, Plan, Wish


class ShareInput(serializers.Serializer[Any]):
    person = PersonName()
    share = serializers.IntegerField(min_value=0, max_value=10_000)


class AssignInput(serializers.Serializer[Any]):
    team = serializers.IntegerField()
    mode = serializers.ChoiceField(choices=["even", "shares"], default="even")
    shares = ShareInput(many=True, required=False)
    queue = serializers.IntegerField(required=False, allow_null=True, help_text="an annotate queue; none: the one of the batch, made if there is none")
    overlap = serializers.IntegerField(required=False, min_value=1, max_value=100, help_text="answers per item, for a queue that is made")
    until = serializers.DateTimeField(required=False, allow_null=True, help_text="what nobody began until then is anybody's of the queue")
    preview = serializers.BooleanField(default=False, help_text="only say what it would do")


def present_handing(made: Handing) -> dict[str, Any]:
    return {
        "id": made.pk,
        "batch": made.batch_id,
        "team": {"id": made.team_id, "name": made.team_name} if made.team_id else None,
        "queue": made.queue_id,
        "mode": made.mode,
        "shares": made.shares,
        "until": made.until,
        "state": made.state,
        "counts": made.counts,
        "job": made.job_id,
        "bulk": made.bulk_id,
        "created_by": made.created_by_id,
        "created_at": made.created_at,
        "undone_by": made.undone_by_id,
        "undone_at": made.undone_at,
    }


def present_plan(plan: Plan) -> dict[str, Any]:
    """`people`: who would get how many answers to give; `left_out`, each with a code and its words."""
    return {
        "queue": plan.queue.pk if plan.queue else None,
        "items": plan.items,
        "answers": plan.answers,
        "unmet": plan.unmet,
        "settled": plan.settled,
        "people": [
            {"person": {"id": person.pk, "name": person.name}, "share": share, "answers": plan.given[person.pk]} for person, share in plan.people
        ],
        "left_out": [
            {"person": {"id": person.pk, "name": person.name}, "why": why, "words": str(LEFT_OUT[why])} for person, why in plan.left_out
        ],
    }


class Assign(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    def _wish(self, batch: Batch, data: dict[str, Any]) -> Wish:
        try:
            team = team_queries.get(self.actor, data["team"])
        except Missing as error:
            raise Invalid("there is no such team", fields={"team": "unknown team"}) from error
        shares: dict[int, int] = {}
        for index, each in enumerate(data.get("shares") or ()):
            try:
                person = by_name_or_id(batch.project.organisation_id, each["person"])
            except Missing as error:
                raise Invalid(str(error.detail), fields={f"shares[{index}].person": str(error.detail)}) from error
            shares[person.pk] = each["share"]
        queue = None
        if data.get("queue") is not None:
            queue = Queue.objects.filter(pk=data["queue"], project_id=batch.project_id).select_related("project").first()
            if queue is None:
                raise Invalid("there is no such queue in this project", fields={"queue": "unknown queue"})
        return Wish(batch, team, data["mode"], shares, queue, data.get("overlap", 1), data.get("until"))

    @extend_schema(request=AssignInput, responses={200: dict, 201: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Its queue names the team's people and each item is kept for one of them, evenly or by share. With `preview` only the
        plan is answered (200). A large batch is handed out by a job: `state` is then running."""
        found = queries.managed_batch(self.actor, batch)
        data = self.read(AssignInput)
        wish = self._wish(found, data)
        if data["preview"]:
            return answer(present_plan(handing.preview(wish, by=self.actor)))
        return answer(present_handing(handing.hand_out(wish, by=self.actor)), 201)


class Assignments(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, batch: int) -> Response:
        """To which teams the batch was handed, newest first."""
        return self.listing(queries.handings(queries.managed_batch(self.actor, batch)), present_handing)


class OneAssignment(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, assignment: int) -> Response:
        """One hand-out, with how many answers each person was given."""
        return answer(present_handing(queries.get(self.actor, assignment)))


class UndoAssignment(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, assignment: int) -> Response:
        """Takes it back, once: what was answered or is being worked on stays."""
        return answer(present_handing(handing.undo(queries.get(self.actor, assignment), by=self.actor)))


handing_api_routes = [
    path("batches/<id:batch>/assign", Assign.as_view()),
    path("batches/<id:batch>/assignments", Assignments.as_view()),
    path("assignments/<id:assignment>", OneAssignment.as_view()),
    path("assignments/<id:assignment>/undo", UndoAssignment.as_view()),
]

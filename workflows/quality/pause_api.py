"""/pause-rule of a project or queue: when gold answers pause people. /projects/{id}/pauses: who was, and their way back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import queries as queues
from annotate.queues.models import Queue
from workflows.quality import pause_rules, returning, stopping
from workflows.quality.models import PauseRule, SkillPause


class PauseRuleInput(serializers.Serializer[Any]):
    bar = serializers.FloatField(default=pause_rules.BAR, help_text="the skill that is asked for, between 0 and 1")
    level = serializers.FloatField(default=pause_rules.LEVEL, help_text="how sure it must be that somebody is below it, between 0 and 1")
    least = serializers.IntegerField(default=pause_rules.LEAST, help_text="gold items before which nobody is paused")
    labels = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=100, help_text="watch each of these apart; none: the whole answer"
    )


class RequalifyInput(serializers.Serializer[Any]):
    qualification = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="whose run they take")


class EmptyBody(serializers.Serializer[Any]):
    """A call without a body."""


def present_rule(rule: PauseRule) -> dict[str, Any]:
    """`rates`: what it does to people of known skill (`pause_rules.error_rates`)."""
    about = {"project": rule.project_id, "queue": rule.queue_id, "bar": rule.bar, "level": rule.level, "least": rule.least, "labels": rule.labels}
    rates = pause_rules.error_rates(rule.bar, rule.level, rule.least, len(rule.labels))
    return {**about, "created_by": rule.created_by_id, "created_at": rule.created_at, "rates": rates}


def present_pause(row: SkillPause) -> dict[str, Any]:
    return {
        "id": row.pk,
        "project": row.project_id,
        "queue": row.queue_id,
        "person": {"id": row.person_id, "name": row.person.name},
        "label": row.label or None,
        "evidence": row.evidence,
        "cause": stopping.cause(row.evidence, row.label),
        "paused_at": row.paused_at,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by_id,
        "how": row.how or None,
    }


class _Rule(Endpoint):
    scopes: ClassVar = {"GET": ("manage",), "PUT": ("manage",), "DELETE": ("manage",)}

    def shown(self, project: Project, queue: Queue | None) -> Response:
        require(may_manage(self.actor, project))
        rule = pause_rules.rule_of(project, queue)
        if rule is None:
            raise Missing("gold answers pause nobody here")
        return answer(present_rule(rule))

    def set(self, project: Project, queue: Queue | None) -> Response:
        require(may_manage(self.actor, project))
        return answer(present_rule(pause_rules.set_rule(project, queue, **self.read(PauseRuleInput), by=self.actor)))


class ProjectPauseRule(_Rule):
    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """When gold answers among the work of all queues pause a person; 404 when they never do."""
        return self.shown(projects.get(self.actor, project), None)

    @extend_schema(request=PauseRuleInput, responses={200: dict})
    def put(self, request: Request, project: int) -> Response:
        """Switch it on, or change its figures: who is as good as certainly (`level`) right in less than `bar` is handed no more in this
        project. Counts what is answered from when it was switched on. Nobody is paused at once: it looks with each answer to gold."""
        return self.set(projects.get(self.actor, project), None)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project: int) -> Response:
        """Switch it off; who is paused stays so until they are let on."""
        pause_rules.remove_rule(projects.get(self.actor, project), by=self.actor)
        return answer(status=204)


class QueuePauseRule(_Rule):
    @extend_schema(responses={200: dict})
    def get(self, request: Request, queue: int) -> Response:
        """The same for one queue: what is answered there alone counts, and only there nothing more is handed out."""
        found = queues.get(self.actor, queue)
        return self.shown(found.project, found)

    @extend_schema(request=PauseRuleInput, responses={200: dict})
    def put(self, request: Request, queue: int) -> Response:
        """Switch it on for one queue, or change its figures."""
        found = queues.get(self.actor, queue)
        return self.set(found.project, found)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, queue: int) -> Response:
        """Switch it off for the queue."""
        found = queues.get(self.actor, queue)
        pause_rules.remove_rule(found.project, found, by=self.actor)
        return answer(status=204)


class ProjectPauses(Endpoint):
    scopes: ClassVar = {"GET": ("manage",)}
    query: ClassVar = ("state",)
    lists = True

    @extend_schema(parameters=[OpenApiParameter("state", enum=("paused", "ended"))], responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Who was paused by their gold answers, the latest first, with the evidence."""
        state = request.query_params.get("state", "")
        if state not in ("", "paused", "ended"):
            raise Invalid("no such state", fields={"state": "paused or ended"})
        return self.listing(stopping.of_project(self.actor, projects.get(self.actor, project), state), present_pause, bind=state)


class LetOn(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=EmptyBody, responses={200: dict})
    def post(self, request: Request, pause: int) -> Response:
        """Let the person go on; evidence starts anew. A pause that has ended stays as it is."""
        return answer(present_pause(returning.let_go_on(stopping.get(self.actor, pause), by=self.actor)))


class Requalify(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=RequalifyInput, responses={200: dict})
    def post(self, request: Request, pause: int) -> Response:
        """The person takes the run of a qualification, with a further attempt where theirs are used up; passing it ends the pause by
        itself. Until then they have that qualification no more. 409 `no_run`, or `too_little_gold` with `missing`."""
        found = stopping.get(self.actor, pause)
        return answer(present_pause(returning.send_to_run(found, self.read(RequalifyInput)["qualification"], by=self.actor)))


pause_api_routes = [
    path("projects/<id:project>/pause-rule", ProjectPauseRule.as_view()),
    path("queues/<id:queue>/pause-rule", QueuePauseRule.as_view()),
    path("projects/<id:project>/pauses", ProjectPauses.as_view()),
    path("pauses/<id:pause>/let-on", LetOn.as_view()),
    path("pauses/<id:pause>/requalify", Requalify.as_view()),
]

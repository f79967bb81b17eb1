"""/rules, /rule-kinds, /rule-packs: what a project calls clean."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.queues.models import Queue
from workflows.cleaning import queries, services
from workflows.cleaning.models import ACTIONS, SEVERITIES, RuleSet
from workflows.cleaning.packs import PACKS
from workflows.cleaning.presenting import present_kind, present_rule, present_rule_set


class RuleInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=services.LONGEST)
    kind = serializers.CharField(max_length=40)
    parameters = serializers.DictField(required=False)
    severity = serializers.ChoiceField(choices=SEVERITIES, required=False)
    action = serializers.ChoiceField(choices=ACTIONS, required=False)
    queue = serializers.IntegerField(required=False, allow_null=True, help_text="where the action `queue` sends items; none: one of the rule's own")
    active = serializers.BooleanField(required=False)


class RuleChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=services.LONGEST, required=False)
    parameters = serializers.DictField(required=False, help_text="those that change; the others stay")
    severity = serializers.ChoiceField(choices=SEVERITIES, required=False)
    action = serializers.ChoiceField(choices=ACTIONS, required=False)
    queue = serializers.IntegerField(required=False, allow_null=True)
    active = serializers.BooleanField(required=False)


class PackInput(serializers.Serializer[Any]):
    pack = serializers.ChoiceField(choices=sorted(PACKS))


def _with_queue(project: Project, data: dict[str, Any]) -> dict[str, Any]:
    if data.get("queue") is None:
        return data
    queue = Queue.objects.filter(pk=data["queue"], project=project).first()
    if queue is None:
        raise Invalid("there is no such queue in this project", fields={"queue": "unknown queue"})
    return data | {"queue": queue}


class Kinds(Endpoint):
    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Every kind of rule: its parameters with their defaults and bounds, and where its algorithm comes from."""
        from workflows.cleaning.rules import kinds

        return answer({"results": [present_kind(name) for name in kinds()]})


class Packs(Endpoint):
    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        """Rules that come ready, several at once."""
        return answer({
            "results": [
                {"pack": name, "rules": [{"name": rule.name, "kind": rule.kind, "parameters": dict(rule.parameters), "severity": rule.severity, "action": rule.action, "active": rule.active} for rule in rules]}
                for name, rules in sorted(PACKS.items())
            ]
        })


class Rules(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """The project's rules."""
        return self.listing(queries.rules(self.actor, projects.get(self.actor, project)), present_rule, keys=("id",))

    @extend_schema(request=RuleInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """A rule of one of the kinds. What is not given is the kind's own."""
        found = projects.get(self.actor, project)
        return answer(present_rule(services.create_rule(found, **_with_queue(found, self.read(RuleInput)), by=self.actor)), 201)


class AddPack(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=PackInput, responses={201: dict})
    def post(self, request: Request, project: int) -> Response:
        """The rules of a pack that the project does not have yet."""
        made = services.add_pack(projects.get(self.actor, project), self.read(PackInput)["pack"], by=self.actor)
        return answer({"results": [present_rule(rule) for rule in made]}, 201)


class OneRule(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "PATCH": ("manage",), "DELETE": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, rule: int) -> Response:
        """One rule, with all its parameters."""
        return answer(present_rule(queries.get_rule(self.actor, rule)))

    @extend_schema(request=RuleChange, responses={200: dict})
    def patch(self, request: Request, rule: int) -> Response:
        """Counts for runs that begin, or check again, from now on."""
        found = queries.get_rule(self.actor, rule)
        return answer(present_rule(services.change_rule(found, **_with_queue(found.project, self.read(RuleChange)), by=self.actor)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, rule: int) -> Response:
        """It runs no more; what it found stays on record."""
        services.delete_rule(queries.get_rule(self.actor, rule), by=self.actor)
        return answer(status=204)


class RuleSets(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """All rules as they stood, numbered: each run names the set that it used."""
        found = projects.get(self.actor, project)
        queries.rules(self.actor, found)
        return self.listing(RuleSet.objects.filter(project=found), present_rule_set)


rule_api_routes = [
    path("rule-kinds", Kinds.as_view()),
    path("rule-packs", Packs.as_view()),
    path("projects/<id:project>/rules", Rules.as_view()),
    path("projects/<id:project>/rule-packs", AddPack.as_view()),
    path("projects/<id:project>/rule-sets", RuleSets.as_view()),
    path("rules/<id:rule>", OneRule.as_view()),
]

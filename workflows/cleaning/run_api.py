"""/checks, /check-runs, /findings and /gate: what rules find, acting on it, and taking it back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items import queries as items
from annotate.jobs.api import accepted
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.http import Endpoint, answer
from annotate.kernel.paging import an_id
from annotate.projects import queries as projects
from workflows.cleaning import applying, gates, queries, running
from workflows.cleaning.models import CheckRun
from workflows.cleaning.presenting import present_finding, present_gate, present_run, present_whole_run
from workflows.cleaning.states import BUSY, FINDING


class ChecksInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="ids; none: all active rules")
    dry_run = serializers.BooleanField(default=True, help_text="false: act on what is found as soon as it is")
    q = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="only items that match")


class RestoreInput(serializers.Serializer[Any]):
    rule = serializers.CharField(required=False, max_length=90, help_text="a rule's name; none: all that caught it")


class GateInput(serializers.Serializer[Any]):
    bar = serializers.FloatField(help_text="the largest share of the items that may be in quarantine, 0 to 1")


class OpenInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


def _asked(data: dict[str, Any]) -> dict[str, Any]:
    return {"q": data.get("q", ""), "rules": data.get("rules", ()), "apply_at_once": not data["dry_run"]}


class BatchChecks(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=ChecksInput, responses={202: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Run rules on a batch. The job's result names the check run; a dry run changes nothing until it is applied."""
        found = items.get_batch(self.actor, batch)
        run = running.start(found.project, batch=found, **_asked(self.read(ChecksInput)), by=self.actor)
        assert run.job is not None
        return accepted(run.job)


class ProjectChecks(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=ChecksInput, responses={202: dict})
    def post(self, request: Request, project: int) -> Response:
        """The same on all items of the project, so that duplicates are found across batches too."""
        run = running.start(projects.get(self.actor, project), **_asked(self.read(ChecksInput)), by=self.actor)
        assert run.job is not None
        return accepted(run.job)


class Runs(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True
    query: ClassVar = ("batch",)

    @extend_schema(parameters=[OpenApiParameter("batch", int)], responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Check runs, the newest first."""
        rows = queries.runs(self.actor, projects.get(self.actor, project))
        if batch := request.query_params.get("batch"):
            rows = rows.filter(batch=an_id(batch, "batch"))
        return self.listing(rows, present_run)


class OneRun(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, run: int) -> Response:
        """What each rule came to: counts, the histogram of its scores with its threshold on an edge, the worst, the nearest that passed."""
        return answer(present_whole_run(queries.get_run(self.actor, run)))


class Findings(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True
    query: ClassVar = ("rule", "state", "item")

    @extend_schema(parameters=[OpenApiParameter("rule", int), OpenApiParameter("state"), OpenApiParameter("item", int)], responses={200: dict})
    def get(self, request: Request, run: int) -> Response:
        """What a run found, one by one."""
        found, params = queries.get_run(self.actor, run), request.query_params
        rows = queries.findings(found).select_related("run__rule_set")
        for name in ("rule", "item"):
            if value := params.get(name):
                rows = rows.filter(**{name: an_id(value, name)})
        if state := params.get("state"):
            if state not in FINDING.states:
                raise Invalid("there is no such state", fields={"state": f"one of {', '.join(FINDING.states)}"})
            rows = rows.filter(state=state)
        return self.listing(rows, present_finding, keys=("id",))


class _Act(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    def done(self, run: CheckRun) -> Response:
        """The run where it is done, else the job that does it."""
        if run.state in BUSY and run.job is not None:
            return accepted(run.job)
        return answer(present_whole_run(run))


class Apply(_Act):
    @extend_schema(request=None, responses={200: dict, 202: dict})
    def post(self, request: Request, run: int) -> Response:
        """Act on all that was found, as each rule says: one act, which can be undone. 202 with a job where it is much."""
        return self.done(applying.apply(queries.get_run(self.actor, run), by=self.actor))


class Undo(_Act):
    @extend_schema(request=None, responses={200: dict, 202: dict})
    def post(self, request: Request, run: int) -> Response:
        """Take back what applying did: no item is held, flagged or queued by it any more."""
        return self.done(applying.undo(queries.get_run(self.actor, run), by=self.actor))


class Again(_Act):
    @extend_schema(request=None, responses={202: dict})
    def post(self, request: Request, run: int) -> Response:
        """Check anew with the rules as they are now. Nothing is measured twice."""
        return self.done(running.again(queries.get_run(self.actor, run), by=self.actor))


class ItemFindings(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, item: int) -> Response:
        """What rules say of an item, and what became of it."""
        found = items.get(self.actor, item)
        return answer({"results": [present_finding(row) for row in queries.of_item(self.actor, found)]})


class Restore(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=RestoreInput, responses={200: dict})
    def post(self, request: Request, item: int) -> Response:
        """Let an item out of quarantine and take its flags. Further runs of these rules pass it over."""
        found = items.get(self.actor, item)
        return answer({"rules": applying.restore(found, rule=self.read(RestoreInput).get("rule", ""), by=self.actor)})


class OneGate(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "PUT": ("manage",), "DELETE": ("manage",)}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, batch: int) -> Response:
        """Whether annotators are kept from the batch, and why. `rules_since`: rules that were added or changed since the check that it
        stands on; an open gate stays open for them, and a further check decides anew."""
        gate = queries.gate_of(self.actor, items.get_batch(self.actor, batch))
        if gate is None:
            raise Missing("this batch has no gate")
        return answer(present_gate(gate))

    @extend_schema(request=GateInput, responses={200: dict})
    def put(self, request: Request, batch: int) -> Response:
        """Keep the batch from annotators until all rules have run on all of it and no larger share than the bar is in quarantine."""
        return answer(present_gate(gates.set_gate(items.get_batch(self.actor, batch), bar=self.read(GateInput)["bar"], by=self.actor)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, batch: int) -> Response:
        """Take the gate away."""
        gates.remove_gate(items.get_batch(self.actor, batch), by=self.actor)
        return answer(status=204)


class OpenGate(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=OpenInput, responses={200: dict})
    def post(self, request: Request, batch: int) -> Response:
        """Open it by hand, and say why. It waits again when more items come."""
        return answer(present_gate(gates.open_by_hand(items.get_batch(self.actor, batch), reason=self.read(OpenInput)["reason"], by=self.actor)))


run_api_routes = [
    path("batches/<id:batch>/checks", BatchChecks.as_view()),
    path("projects/<id:project>/checks", ProjectChecks.as_view()),
    path("projects/<id:project>/check-runs", Runs.as_view()),
    path("check-runs/<id:run>", OneRun.as_view()),
    path("check-runs/<id:run>/findings", Findings.as_view()),
    path("check-runs/<id:run>/apply", Apply.as_view()),
    path("check-runs/<id:run>/undo", Undo.as_view()),
    path("check-runs/<id:run>/again", Again.as_view()),
    path("items/<id:item>/findings", ItemFindings.as_view()),
    path("items/<id:item>/restore", Restore.as_view()),
    path("batches/<id:batch>/gate", OneGate.as_view()),
    path("batches/<id:batch>/gate/open", OpenGate.as_view()),
]

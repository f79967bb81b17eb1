"""/projects/{id}/consensus, /consensus-runs and /items/{id}/consensus: overlapping answers brought together. /projects/{id}/agreement: how much they agree.
/projects/{id}/quality: what work is worth, as JSON or CSV."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.items import queries as items
from annotate.jobs.api import accepted
from annotate.jobs.models import Job
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from annotate.projects.policies import may_manage
from workflows.quality import (
    concluding,
    consensus_queries,
    explaining,
    members,
    reporting,
    reviewers,
    sheet,
    standings,
    undoing,
)
from workflows.quality.agreeing import BY, MEASURES
from workflows.quality.confusion_api import BATCH, batch_of
from workflows.quality.confusion_api import api_routes as confusion_routes
from workflows.quality.consensus_queries import standing
from workflows.quality.models import ConsensusItem, ConsensusRun
from workflows.quality.pause_api import pause_api_routes
from workflows.quality.states import DECIDED, KEPT, LEFT


class ConsensusInput(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, allow_blank=True, default="", help_text="which items are decided; none: all of the project")
    method = serializers.ChoiceField(choices=concluding.METHODS, default="best", help_text="best: what the number of answers can carry")
    quorum = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=concluding.MOST_PEOPLE, help_text="how many must say the same; none: more than half"
    )
    dry_run = serializers.BooleanField(default=False, help_text="only count what would become of the items")


OF_REVIEWERS = "reviewer"
KINDS = (*standings.BY, OF_REVIEWERS)


def present_run(run: ConsensusRun) -> dict[str, Any]:
    return {
        "id": run.pk, "project": run.project_id, "q": run.q, "method": run.method, "quorum": run.quorum, "dry_run": run.dry_run,
        "state": standing(run), "answers": run.answers, "job": run.job_id, "created_by": run.created_by_id, "created_at": run.created_at,
        "undone_by": run.undone_by_id, "undone_at": run.undone_at,
    }  # fmt: skip


def present_whole_run(run: ConsensusRun) -> dict[str, Any]:
    decided, left = members.counts(run)
    undone = undoing.counts(run.pk)
    return present_run(run) | {"decided": sum(decided.values()), "methods": decided, "left": left, "undone": undone["undone"], "stayed": undone["left"]}


def present_member(row: ConsensusItem) -> dict[str, Any]:
    made = row.consensus
    return {
        "item": row.item_id, "key": row.item.key, "outcome": row.outcome, "method": row.method, "undone": row.undone,
        "annotation_id": made.annotation_id if made is not None else None, "confidence": made.confidence if made is not None else None,
    }  # fmt: skip


class ProjectConsensus(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage"), "POST": ("manage",)}
    lists = True

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project: int) -> Response:
        """Runs of the consensus, the newest first; the last few dry ones among them."""
        return self.listing(consensus_queries.of_project(consensus_queries.project_of(self.actor, project)), present_run)

    @extend_schema(request=ConsensusInput, responses={202: dict})
    def post(self, request: Request, project: int) -> Response:
        """Decide the items whose two or more answers are all in: each gets one new revision, approved with cause `consensus`, and why is
        kept. Ties, and what too few say, are left and counted in the job's result: {items, decided, methods, left}."""
        found = projects.get(self.actor, project)
        return accepted(concluding.start(found, **self.read(ConsensusInput), by=self.actor))


class OneConsensusRun(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, consensus_run: int) -> Response:
        """How many items were decided by which method (of a dry run: would be), and how many left, by why."""
        return answer(present_whole_run(consensus_queries.get(self.actor, consensus_run)))


class ConsensusRunItems(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    lists = True
    query: ClassVar = ("outcome", "undone")

    @extend_schema(parameters=[OpenApiParameter("outcome", enum=(DECIDED, *LEFT)), OpenApiParameter("undone", enum=("undone", *KEPT))], responses={200: dict})
    def get(self, request: Request, consensus_run: int) -> Response:
        """Its items, each with what became of it."""
        found, asked = consensus_queries.get(self.actor, consensus_run), request.query_params
        for name, known in (("outcome", (DECIDED, *LEFT)), ("undone", ("undone", *KEPT))):
            if name in asked and asked[name] not in known:
                raise Invalid(f"there is no such {name}", fields={name: f"one of {', '.join(known)}"})
        return self.listing(consensus_queries.members(found, asked.get("outcome", ""), asked.get("undone", "")), present_member, keys=("id",))


class UndoInput(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField(default=False, help_text="only count what would go back, and what would stay")


class UndoConsensusRun(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=UndoInput, responses={200: dict, 202: dict})
    def post(self, request: Request, consensus_run: int) -> Response:
        """Approvals of the run end and its items go back to where they were; one on which something newer stands stays, and says why."""
        found = consensus_queries.get(self.actor, consensus_run)
        if self.read(UndoInput)["dry_run"]:
            require(may_manage(self.actor, found.project))
            would = undoing.preview(found)
            return answer({"undone": would.pop("undone", 0), "left": would})
        return accepted(undoing.start(found, by=self.actor))


class ItemConsensus(Endpoint):
    scopes: ClassVar = {"GET": ("read", "review", "manage")}

    @extend_schema(responses={200: dict})
    def get(self, request: Request, item: int) -> Response:
        """Why it says what it says: who voted what on each object and question, ties and how they were ruled, what was left out and why;
        and, of an adjudication, whose words it repeats. People are letters; managers are told who they are."""
        return answer(explaining.explained(items.get(self.actor, item), actor=self.actor))


class ProjectAgreement(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    query: ClassVar = ("measure", "by", "batch", "format")
    content_negotiation_class = sheet.AlsoCsv

    @extend_schema(
        parameters=[
            OpenApiParameter("measure", enum=MEASURES, description="without: alpha"),
            OpenApiParameter("by", enum=BY, description="person: each pair of people; without: label"),
            BATCH,
            OpenApiParameter("format", enum=("json", "csv"), description="or by Accept: text/csv"),
        ],
        responses={(200, "application/json"): dict, (200, sheet.CSV): str, 202: dict},
    )
    def get(self, request: Request, project: int) -> Response | HttpResponse:
        """How much people agree where several answered. Each row has its figure with the 95 % interval (of a bootstrap over items) and the
        items, units and answers behind it; `value` is null with `why` where that is not enough. A large project is measured by a job: 202 the first time, then
        as it was at `measured_at`."""
        asked = request.query_params
        csv, batch = sheet.wanted(request), batch_of(asked.get("batch"))
        found = projects.get(self.actor, project)
        made = reporting.agreement(found, measure=asked.get("measure", "alpha"), by=asked.get("by", "label"), batch=batch, actor=self.actor)
        if isinstance(made, Job):
            return accepted(made)
        return sheet.as_file(made["results"], f"agreement-{found.pk}-{made['measure']}-{made['by']}.csv") if csv else answer(made)


def person_of(text: str | None) -> int | None:
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("person is a number", fields={"person": "a person's id"})
    return int(text) if text is not None else None


class ProjectQuality(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "manage")}
    query: ClassVar = ("by", "person", "batch", "format")
    content_negotiation_class = sheet.AlsoCsv

    @extend_schema(
        parameters=[
            OpenApiParameter("by", enum=KINDS, description="without: person"),
            OpenApiParameter("person", int, description="of this person's answers alone"),
            BATCH,
            OpenApiParameter("format", enum=("json", "csv"), description="or by Accept: text/csv"),
        ],
        responses={(200, "application/json"): dict, (200, sheet.CSV): str},
    )
    def get(self, request: Request, project: int) -> Response | HttpResponse:
        """Gold, agreement, returned answers, mistakes in rounds and skill of each person, label, batch or period, each with its 95 % interval
        and what is behind it; a value is null where that is not enough. `errors` counts kinds of errors, `rework` the share of time spent
        again. Who does not see every item gets their own row of the people or, as `person`, their own periods. By reviewer: what verdicts
        are worth, with `pairs` of reviewers; a reviewer gets their own row."""
        by, csv = request.query_params.get("by", "person"), sheet.wanted(request)
        if by not in KINDS:
            raise Invalid("there is no such part", fields={"by": f"one of {', '.join(KINDS)}"})
        found, batch = projects.get(self.actor, project), batch_of(request.query_params.get("batch"))
        person = person_of(request.query_params.get("person"))
        if by == OF_REVIEWERS:
            rows = reviewers.standings(found, actor=self.actor)
        else:
            rows = standings.standings(found, by, actor=self.actor, person=person, batch=batch)
            rows = standings.with_costs(found, by, rows, actor=self.actor, person=person, batch=batch)
        if csv:
            return sheet.as_file(rows, f"quality-{found.pk}-{by}.csv")
        told = {"by": by, "measured_at": timezone.now(), "results": rows}
        return answer(told | {"pairs": reviewers.pairs(found, actor=self.actor)} if by == OF_REVIEWERS else told)


api_routes = [
    *confusion_routes,
    path("projects/<id:project>/quality", ProjectQuality.as_view()),
    path("projects/<id:project>/consensus", ProjectConsensus.as_view()),
    path("consensus-runs/<id:consensus_run>", OneConsensusRun.as_view()),
    path("consensus-runs/<id:consensus_run>/items", ConsensusRunItems.as_view()),
    path("consensus-runs/<id:consensus_run>/undo", UndoConsensusRun.as_view()),
    path("items/<id:item>/consensus", ItemConsensus.as_view()),
    path("projects/<id:project>/agreement", ProjectAgreement.as_view()),
    *pause_api_routes,
]

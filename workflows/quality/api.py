"""/projects/{id}/consensus: overlapping answers brought together. /projects/{id}/agreement: how much they agree.
/projects/{id}/quality: what work is worth, as JSON or CSV."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs.api import accepted
from annotate.jobs.models import Job
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer
from annotate.projects import queries as projects
from workflows.quality import concluding, reporting, reviewers, sheet, standings
from workflows.quality.agreeing import BY, MEASURES


class ConsensusInput(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, allow_blank=True, default="", help_text="which items are decided; none: all of the project")
    method = serializers.ChoiceField(choices=concluding.METHODS, default="best", help_text="best: what the number of answers can carry")
    quorum = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=concluding.MOST_PEOPLE, help_text="how many must say the same; none: more than half"
    )
    dry_run = serializers.BooleanField(default=False, help_text="only count what would become of the items")


OF_REVIEWERS = "reviewer"
KINDS = (*standings.BY, OF_REVIEWERS)


class ProjectConsensus(Endpoint):
    scopes: ClassVar = {"POST": ("manage",)}

    @extend_schema(request=ConsensusInput, responses={202: dict})
    def post(self, request: Request, project: int) -> Response:
        """Decide the items whose two or more answers are all in: each gets one new revision, approved with cause `consensus`, and why is
        kept. Ties, and what too few say, are left and counted in the job's result: {items, decided, methods, left}."""
        found = projects.get(self.actor, project)
        return accepted(concluding.start(found, **self.read(ConsensusInput), by=self.actor))


class ProjectAgreement(Endpoint):
    scopes: ClassVar = {"GET": ("read", "manage")}
    query: ClassVar = ("measure", "by", "batch")

    @extend_schema(
        parameters=[
            OpenApiParameter("measure", enum=MEASURES, description="without: alpha"),
            OpenApiParameter("by", enum=BY, description="person: each pair of people; without: label"),
            OpenApiParameter("batch", int),
        ],
        responses={200: dict, 202: dict},
    )
    def get(self, request: Request, project: int) -> Response:
        """How much people agree where several answered. Each row has its figure with the 95 % interval and the items, units and answers
        behind it; `value` is null with `why` where that is not enough. A large project is measured by a job: 202 the first time, then
        as it was at `measured_at`."""
        asked = request.query_params
        batch = asked.get("batch")
        if batch is not None and not (batch.isascii() and batch.isdigit() and len(batch) < 19):
            raise Invalid("batch is a number", fields={"batch": "a batch's id"})
        found = projects.get(self.actor, project)
        made = reporting.agreement(
            found, measure=asked.get("measure", "alpha"), by=asked.get("by", "label"), batch=int(batch) if batch is not None else None, actor=self.actor
        )
        return accepted(made) if isinstance(made, Job) else answer(made)


class AlsoCsv(DefaultContentNegotiation):
    """Whatever Accept says, errors are JSON; the view looks itself whether CSV is wanted."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class ProjectQuality(Endpoint):
    scopes: ClassVar = {"GET": ("read", "label", "manage")}
    query: ClassVar = ("by", "format")
    content_negotiation_class = AlsoCsv

    @extend_schema(
        parameters=[
            OpenApiParameter("by", enum=KINDS, description="without: person"),
            OpenApiParameter("format", enum=("json", "csv"), description="or by Accept: text/csv"),
        ],
        responses={(200, "application/json"): dict, (200, sheet.CSV): str},
    )
    def get(self, request: Request, project: int) -> Response | HttpResponse:
        """Gold, agreement, returned answers, mistakes in rounds and skill of each person, label or batch, each with its 95 % interval and
        what is behind it; a value is null where that is not enough. Who does not see every item gets their own row of the people. By
        reviewer: what verdicts are worth, with `pairs` of reviewers; a reviewer gets their own row."""
        by, form = request.query_params.get("by", "person"), request.query_params.get("format", "")
        wrong = {} if by in KINDS else {"by": f"one of {', '.join(KINDS)}"}
        if form not in ("", "json", "csv"):
            wrong["format"] = "json or csv"
        if wrong:
            raise Invalid(next(iter(wrong.values())), fields=wrong)
        found = projects.get(self.actor, project)
        rows = reviewers.standings(found, actor=self.actor) if by == OF_REVIEWERS else standings.standings(found, by, actor=self.actor)
        if form == "csv" or (not form and sheet.CSV in request.headers.get("Accept", "")):
            return sheet.as_file(rows, f"quality-{found.pk}-{by}.csv")
        told = {"by": by, "measured_at": timezone.now(), "results": rows}
        return answer(told | {"pairs": reviewers.pairs(found, actor=self.actor)} if by == OF_REVIEWERS else told)


api_routes = [
    path("projects/<id:project>/quality", ProjectQuality.as_view()),
    path("projects/<id:project>/consensus", ProjectConsensus.as_view()),
    path("projects/<id:project>/agreement", ProjectAgreement.as_view()),
]

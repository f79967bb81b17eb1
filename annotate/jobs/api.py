"""/jobs: how far background work is, what it could not take, and ending it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson
from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.jobs import queries, services
from annotate.jobs.handlers import made_by
from annotate.jobs.models import Job
from annotate.jobs.states import JOB
from annotate.kernel.errors import Invalid
from annotate.kernel.http import Endpoint, answer

ANY = ("read", "label", "review", "manage", "export")


def job_links(job: Job) -> dict[str, str]:
    """Where to look next: the job, its report, and what it made."""
    own = {"self": f"/api/v1/jobs/{job.pk}", "report": f"/api/v1/jobs/{job.pk}/report"}
    if job.state in ("queued", "running"):
        own["cancel"] = f"/api/v1/jobs/{job.pk}/cancel"
    return own | made_by(job)


def present_job(job: Job) -> dict[str, Any]:
    """The job as the API answers it."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "result": job.result,
        "error": job.error or None,
        "project": job.project_id,
        "attempts": job.attempts,
        "cancel_requested": job.cancel_requested,
        "created_by": job.created_by_id,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "links": job_links(job),
    }


def accepted(job: Job) -> Response:
    """202 with the job, and where to follow it."""
    return answer(present_job(job), 202, {"Location": f"/api/v1/jobs/{job.pk}"})


class Jobs(Endpoint):
    scopes: ClassVar = {"GET": ANY}
    dataset_tokens: ClassVar = ("GET", "POST")
    lists = True
    query: ClassVar = ("state", "kind", "project")

    @extend_schema(parameters=[OpenApiParameter(name) for name in query], responses={200: dict})
    def get(self, request: Request) -> Response:
        """Background work that the caller may see, newest first."""
        rows, params = queries.visible(self.actor), request.query_params
        if state := params.get("state"):
            if state not in JOB.states:
                raise Invalid(f"state must be one of {', '.join(JOB.states)}", fields={"state": "unknown state"})
            rows = rows.filter(state=state)
        if kind := params.get("kind"):
            rows = rows.filter(kind=kind)
        if project := params.get("project"):
            if not (project.isascii() and project.isdigit() and len(project) <= 18):
                raise Invalid("project must be an id", fields={"project": "not an id"})
            rows = rows.filter(project_id=int(project))
        return self.listing(
            rows, present_job, bind=f"{params.get('state')}|{params.get('kind')}|{params.get('project')}"
        )


class OneJob(Endpoint):
    scopes: ClassVar = {"GET": ANY}
    dataset_tokens: ClassVar = ("GET", "POST")

    @extend_schema(responses={200: dict})
    def get(self, request: Request, job: int) -> Response:
        """How far it is, its result or its error, and links to what it made."""
        return answer(present_job(queries.get(self.actor, job)))


def report_lines(job: Job) -> Iterator[bytes]:
    """The report as NDJSON, in order, a few rows in memory at a time."""
    after = 0
    while True:
        rows = list(queries.report(job).filter(id__gt=after)[:1000])
        if not rows:
            return
        yield b"".join(
            orjson.dumps({"place": row.place, "code": row.code, "detail": row.detail, "data": row.data}) + b"\n"
            for row in rows
        )
        after = rows[-1].pk


class Report(Endpoint):
    scopes: ClassVar = {"GET": ANY}
    dataset_tokens: ClassVar = ("GET", "POST")

    @extend_schema(responses={(200, "application/x-ndjson"): str})
    def get(self, request: Request, job: int) -> StreamingHttpResponse:
        """One JSON line per thing that was not taken as it came."""
        return StreamingHttpResponse(report_lines(queries.get(self.actor, job)), content_type="application/x-ndjson")


class Cancel(Endpoint):
    scopes: ClassVar = {"POST": ("label", "review", "manage", "export")}
    dataset_tokens: ClassVar = ("GET", "POST")

    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, job: int) -> Response:
        """A queued job ends at once, a running one at its next step (202)."""
        found = services.cancel(queries.get(self.actor, job), by=self.actor)
        return answer(present_job(found), 202 if found.state == "running" else 200)


api_routes = [
    path("jobs", Jobs.as_view()),
    path("jobs/<id:job>", OneJob.as_view()),
    path("jobs/<id:job>/report", Report.as_view()),
    path("jobs/<id:job>/cancel", Cancel.as_view()),
]

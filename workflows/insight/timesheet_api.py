"""GET /projects/{project}/timesheet: the timesheet as CSV, for who manages the project."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from annotate.kernel.decisions import require
from annotate.kernel.http import Endpoint
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from workflows.insight.timesheet import Range, csv_chunks, read_range

CSV = "text/csv"


def as_file(project: Project, days: Range, *, mark: bool = False) -> StreamingHttpResponse:
    """The CSV as a download."""
    response = StreamingHttpResponse(csv_chunks(project, days, mark=mark), content_type=f"{CSV}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="timesheet-{project.pk}-{days.first}-{days.last}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


class AlsoCsv(DefaultContentNegotiation):
    """Whatever Accept says: errors are JSON, the sheet is CSV."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Timesheet(Endpoint):
    scopes: ClassVar = {"GET": ("manage",)}
    query: ClassVar = ("from", "to", "tz")
    content_negotiation_class = AlsoCsv

    @extend_schema(
        parameters=[
            OpenApiParameter("from", description="first day, 2026-03-01; without: the month's first"),
            OpenApiParameter("to", description="last day; without: today"),
            OpenApiParameter("tz", description="time zone of the days, such as Asia/Shanghai; without: UTC"),
        ],
        responses={(200, CSV): str},
    )
    def get(self, request: Request, project: int) -> StreamingHttpResponse:
        """A line per person, day and queue: active hours, submitted, and how it stands now: accepted, returned, fixed."""
        found = projects.get(self.actor, project)
        require(may_manage(self.actor, found))
        asked = request.query_params
        days = read_range(asked.get("from", ""), asked.get("to", ""), asked.get("tz", ""), now=timezone.now())
        return as_file(found, days)

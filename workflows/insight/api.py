"""The reference page of the API, beside the OpenAPI document it is made from, and the timesheet."""

from __future__ import annotations

from django.urls import path

from workflows.insight.reference import reference
from workflows.insight.timesheet_api import Timesheet

api_routes = [path("docs", reference), path("projects/<id:project>/timesheet", Timesheet.as_view())]

"""The reference page of the API, beside the OpenAPI document it is made from."""

from __future__ import annotations

from django.urls import path

from workflows.insight.reference import reference

api_routes = [path("docs", reference)]

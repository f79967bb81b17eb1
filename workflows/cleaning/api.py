"""The room's addresses of the API."""

from __future__ import annotations

from workflows.cleaning.rule_api import rule_api_routes
from workflows.cleaning.run_api import run_api_routes

api_routes = [*rule_api_routes, *run_api_routes]

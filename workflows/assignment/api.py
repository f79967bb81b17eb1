"""The room's addresses of the API."""

from __future__ import annotations

from workflows.assignment.handing_api import handing_api_routes
from workflows.assignment.team_api import team_api_routes

api_routes = [*handing_api_routes, *team_api_routes]

"""The room's addresses of the API."""

from __future__ import annotations

from workflows.assignment.collecting_api import collecting_api_routes
from workflows.assignment.handing_api import handing_api_routes
from workflows.assignment.team_api import team_api_routes

api_routes = [*collecting_api_routes, *handing_api_routes, *team_api_routes]

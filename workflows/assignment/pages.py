"""The room's pages."""

from __future__ import annotations

from workflows.assignment.collecting_pages import collecting_routes
from workflows.assignment.handing_pages import handing_routes
from workflows.assignment.team_pages import team_routes

page_routes = [*collecting_routes, *handing_routes, *team_routes]

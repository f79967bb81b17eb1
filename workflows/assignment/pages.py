"""The room's pages."""

from __future__ import annotations

from workflows.assignment.team_pages import team_routes

page_routes = [*team_routes]

"""Gathers the rooms' addresses; no logic."""

from annotate.urls import gather

ROOMS = ("collection", "quality", "cleaning", "assignment", "rounds", "gating", "releases", "evaluations", "exporters", "wall", "insight", "automation", "webhooks")
api_routes = gather("workflows", ROOMS, "api", "api_routes")
page_routes = gather("workflows", ROOMS, "pages", "page_routes")

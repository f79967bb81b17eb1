"""Gathers the rooms' addresses; no logic. Rooms list `api_routes` in api.py and `page_routes` in pages.py."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from annotate.kernel import converters  # noqa: F401  registers the path converter before any route uses it

API = ("people", "activity", "jobs", "projects", "items", "media", "queues", "annotations", "gold", "qualifications", "reviews", "workbench")


def gather(app: str, rooms: Sequence[str], module: str, name: str) -> list[Any]:
    """All routes that the rooms of an app declare under `name` in `module`."""
    routes: list[Any] = []
    for room in rooms:
        if find_spec(f"{app}.{room}.{module}"):
            routes += getattr(import_module(f"{app}.{room}.{module}"), name)
    return routes


api_routes = gather("annotate", API, "api", "api_routes") + gather("annotate", ("items",), "media_api", "api_routes")
page_routes = gather("annotate", API, "pages", "page_routes")

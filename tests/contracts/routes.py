"""Every address that the server answers, read from Django's own patterns, so that none can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

API = "/api/v1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """`path` with `{parameter}` where the address has one; `view` is the API's class, None for a page."""

    path: str
    methods: tuple[str, ...]
    view: Any = field(default=None, compare=False)

    @property
    def api(self) -> bool:
        return self.path.startswith(f"{API}/") and self.view is not None


def _patterns(entries: Any, before: str = "/") -> Iterator[tuple[str, Any]]:
    for entry in entries:
        here = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, here)
        elif isinstance(entry, URLPattern):
            yield here, entry.callback


def _methods(callback: Any, view: Any) -> tuple[str, ...]:
    if view is not None:
        return tuple(method for method in METHODS if hasattr(view, method.lower()))
    return ("GET", "POST") if _takes_forms(callback) else ("GET",)


def _takes_forms(view: Any) -> bool:
    """Whether a page's function, or a decorator around it, asks for a POST (read from its code, not from its file)."""
    while view is not None:
        code = view.__code__
        if code.co_name == "only_posted" or "POST" in code.co_names or "POST" in code.co_consts:
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def routes() -> list[Route]:
    """All of them but the catch-all that says "nothing is here"."""
    found = []
    for pattern, callback in _patterns(get_resolver().url_patterns):
        if pattern.endswith(".*"):
            continue
        view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)
        found.append(Route(path, _methods(callback, view), view))
    return found


def calls() -> list[tuple[str, str]]:
    """(method, path) of every one."""
    return [(method, route.path) for route in routes() for method in route.methods]

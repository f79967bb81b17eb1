"""The short way of the hot routes: what a call by token to one of them does not need, it does not pass.

Sessions, forms, messages and static files have no part in it, and a look at the path finds the view without all the addresses
before it. What is left (`STRAIGHT` in the settings) marks every answer as the long way does: a test holds them side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from annotate.kernel.middleware import Problems
from annotate.kernel.registry import Registry

View = Callable[..., HttpResponse]
PREFIX = "/api/v1/"
# What follows the prefix, as in the route of the same view, with one number in it → (the number's name, the view).
routes: Registry[tuple[str, View]] = Registry("straight routes")
_NUMBER = re.compile(r"\d+", re.ASCII)


class Straight:
    """The first of all middleware: a POST by token to a hot route goes its own way, everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.problems = Problems(self.serve)
        way: Any = convert_exception_to_response(self.serve)
        for name in reversed(settings.STRAIGHT):
            way = convert_exception_to_response(import_string(name)(way))
        self.way: Callable[[HttpRequest], HttpResponse] = way

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if request.method != "POST" or "HTTP_AUTHORIZATION" not in request.META or not path.startswith(PREFIX):
            return self.get_response(request)
        numbers = _NUMBER.findall(path, len(PREFIX))
        if len(numbers) != 1 or len(numbers[0]) > 18:
            return self.get_response(request)
        route = path[len(PREFIX) :].replace(numbers[0], "<>", 1)
        if route not in routes:
            return self.get_response(request)
        name, view = routes.get(route)
        request._straight = (view, {name: int(numbers[0])})  # type: ignore[attr-defined]
        return self.way(request)

    def serve(self, request: HttpRequest) -> HttpResponse:
        view, named = request._straight  # type: ignore[attr-defined]
        try:
            found: HttpResponse = view(request, **named)
            return found
        except Exception as error:
            known: Any = self.problems.process_exception(request, error)
            if known is None:
                raise
            answered: HttpResponse = known
            return answered

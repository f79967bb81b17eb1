"""Around every request: an id for logs and errors, a strict content policy, and our errors in the right shape."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from annotate.kernel.errors import Denied, SluiceError
from annotate.kernel.http import Unexpected, problem, problem_body, translate

log = logging.getLogger("sluice.http")
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class RequestMarks:
    """Gives each request an id, and each response its id and content policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(8)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("X-Request-Id", request.request_id)  # type: ignore[attr-defined]
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def error_page(request: HttpRequest, error: SluiceError) -> HttpResponse:
    """The error as a page in the product's look; the API gets problem+json."""
    if wants_json(request):
        return problem(error, request)
    context = {"problem": problem_body(error, getattr(request, "request_id", ""))}
    return render(request, "errors/error.html", context, status=error.status)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without this browser's CSRF token (settings name this view): from elsewhere, or older than the last sign-in."""
    words = _("This form is too old or came from elsewhere. Go back, load the page again, and send it once more.")
    return error_page(request, Denied(words, code="csrf"))


class Problems:
    """Turns errors that a view let through into an answer; nothing leaves as a bare traceback."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        known = translate(exception, request)
        if known is None:
            log.exception("unexpected error", extra={"request_id": getattr(request, "request_id", "")})
            known = Unexpected()
        return error_page(request, known)

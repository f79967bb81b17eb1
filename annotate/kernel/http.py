"""The API's manners: strict input, one shape of error, keyset lists, idempotent POSTs.

`Endpoint` is the base of every route that is not hand-written for speed. A subclass says which token scopes each method
needs (`scopes`), which query parameters exist (`query`), and has methods `get`, `post`, … that return `answer(...)`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import orjson
from django.core.exceptions import PermissionDenied as DjangoDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError, IntegrityError, OperationalError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from annotate.kernel import canonical, errors
from annotate.kernel.paging import limit_of, page
from annotate.kernel.registry import request_keys

log = logging.getLogger("sluice.http")
PROBLEM = "application/problem+json"


def problem_body(error: errors.SluiceError, request_id: str = "") -> dict[str, Any]:
    """RFC 9457: type, title, status, detail, plus `code`, `fields` of an input error, and the request's id."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(error.title),
        "status": error.status,
        "detail": str(error.detail),
        "code": error.code,
        **error.extra,
    }
    if error.fields:
        body["fields"] = {path: str(message) for path, message in error.fields.items()}
    if request_id:
        body["request_id"] = request_id
    return body


def problem(error: errors.SluiceError, request: HttpRequest | None = None) -> HttpResponse:
    """The error as an `application/problem+json` response, for views without DRF."""
    body = problem_body(error, getattr(request, "request_id", ""))
    response = HttpResponse(orjson.dumps(body), status=error.status, content_type=PROBLEM)
    if isinstance(error, errors.TooMany):
        response["Retry-After"] = str(error.retry_after)
    if error.status == 503:
        response["Retry-After"] = "5"
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


class Unexpected(errors.SluiceError):
    status, code, title = 500, "unexpected", "Something failed here"


class Busy(errors.SluiceError):
    status, code, title = 503, "busy", "The database did not answer in time; try again"


class TooSlow(errors.SluiceError):
    """The database gave a statement up after the time that settings allow a request; `searching` when a query asked for it."""

    status, code, title = 503, "too_slow", "This takes longer than a request may; try again in a moment"

    def __init__(self, *, searching: bool = False) -> None:
        if searching:
            self.status = 400
        super().__init__(_("This query takes too long: use fewer or simpler conditions.") if searching else "")


class NotAllowed(errors.SluiceError):
    status, code, title = 405, "method_not_allowed", "This address does not take this method"


class NotAcceptable(errors.SluiceError):
    status, code, title = 406, "not_acceptable", "There is no answer in the form asked for"


def translate(error: Exception, request: HttpRequest | None = None) -> errors.SluiceError | None:
    """A framework's or driver's exception in our words, or None when it is not known."""
    if isinstance(error, errors.SluiceError):
        return error
    if isinstance(error, Http404 | drf.NotFound):
        return errors.Missing()
    if isinstance(error, drf.NotAuthenticated | drf.AuthenticationFailed):
        return errors.Unauthenticated()
    if isinstance(error, drf.PermissionDenied | DjangoDenied):
        return errors.Denied(str(error) or "")
    if isinstance(error, drf.MethodNotAllowed):
        return NotAllowed()
    if isinstance(error, drf.NotAcceptable):
        return NotAcceptable()
    if isinstance(error, drf.UnsupportedMediaType):
        return errors.Unsupported(str(error.detail))
    if isinstance(error, RequestDataTooBig):
        return errors.TooLarge("the request's body is too large")
    if isinstance(error, TooManyFieldsSent | TooManyFilesSent):
        return errors.TooLarge("the request has too many fields or files")
    if isinstance(error, SuspiciousOperation | MultiPartParserError):
        return errors.Invalid("the request cannot be read")
    if isinstance(error, drf.ParseError):
        return errors.Invalid(str(error.detail), code="not_readable")
    if isinstance(error, DataError):
        return errors.Invalid("a value is out of range", code="out_of_range")
    if isinstance(error, IntegrityError):
        return errors.Conflict("this exists already, or something it refers to has gone", code="integrity")
    if isinstance(error, OperationalError):
        if isinstance(error.__cause__, QueryCanceled):
            return TooSlow(searching=request is not None and bool(request.GET.get("q", "").strip()))
        return Busy()
    return None


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's exception handler (settings name it)."""
    request = context.get("request")
    raw = getattr(request, "_request", request)
    known = translate(error, raw)
    if known is None:
        log.exception("unexpected error", extra={"request_id": getattr(raw, "request_id", "")})
        known = Unexpected()
    return problem(known, raw)


def answer(data: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(data, status=status, headers=dict(headers or {}))


def _flatten(detail: Any, path: str = "") -> dict[str, str]:
    if isinstance(detail, Mapping):
        out: dict[str, str] = {}
        for key, inner in detail.items():
            name = path if key == "non_field_errors" else f"{path}.{key}" if path else str(key)
            out |= _flatten(inner, name)
        return out
    if isinstance(detail, list) and detail and all(isinstance(inner, str) for inner in detail):
        return {path or "body": " ".join(str(inner) for inner in detail)}
    if isinstance(detail, list):
        merged: dict[str, str] = {}
        for index, inner in enumerate(detail):
            merged |= _flatten(inner, f"{path}[{index}]") if inner else {}
        return merged
    return {path or "body": str(detail)}


def read(data: Any, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
    """The validated body; `Invalid` with `fields` on a wrong type, a missing or an unknown field."""
    if not isinstance(data, Mapping):
        raise errors.Invalid("the body must be a JSON object", code="not_an_object")
    form = serializer(data=data)
    unknown = sorted(set(data) - set(getattr(form, "fields", {})))
    problems = dict.fromkeys(unknown, "there is no such field")
    if not form.is_valid():
        problems |= _flatten(form.errors)
    if problems:
        first = next(iter(problems.items()))
        raise errors.Invalid(f"{first[0]}: {first[1]}", fields=problems)
    validated: dict[str, Any] = dict(form.validated_data)
    return validated


class Endpoint(APIView):
    """One address of the API. `self.actor` is who calls; `open` routes may be called by nobody in particular."""

    open: ClassVar[bool] = False
    scopes: ClassVar[Mapping[str, Sequence[str]]] = {}
    query: ClassVar[Sequence[str]] = ()
    streams: ClassVar[bool] = False  # the handler reads the body itself and calls `once` with its digest
    list_query: ClassVar[Sequence[str]] = ("cursor", "limit", "count")
    lists: ClassVar[bool] = False
    dataset_tokens: ClassVar[Sequence[str]] = ()  # the methods that a token bound to one dataset may use here
    actor: Any = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor = request.auth
        if self.actor is None and not self.open:
            raise errors.Unauthenticated()
        if self.actor is not None:
            method = "GET" if request.method == "HEAD" else request.method or ""
            self.actor.require_scope(*self.scopes.get(method, ("read",)))
            if self.actor.dataset_id is not None and not self.open and method not in self.dataset_tokens:
                raise errors.Denied("this token is bound to one dataset and reads only that", code="scope")
        allowed = {*self.query, *(self.list_query if self.lists and request.method == "GET" else ())}
        for name, values in request.query_params.lists():
            if name not in allowed:
                raise errors.Invalid(f"there is no parameter {name[:60]!r}", fields={name[:60]: "unknown parameter"})
            if len(values) > 1:
                raise errors.Invalid(f"{name!r} is given twice", fields={name: "given twice"})
            canonical.check_text(values[0])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or self.streams or not hasattr(self, "post"):
            return super().dispatch(request, *args, **kwargs)
        return self._dispatch_once(request, *args, **kwargs)

    def _dispatch_once(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        handler = self.post  # type: ignore[has-type]

        def run_once(drf_request: Request, *inner: Any, **named: Any) -> Response:
            digest = canonical.digest(drf_request._request.body)
            return self.once(digest, lambda: handler(drf_request, *inner, **named))

        self.post = run_once
        return super().dispatch(request, *args, **kwargs)

    def once(self, body_digest: bytes, run: Callable[[], Response]) -> Response:
        """`run()` in a transaction, at most once per Idempotency-Key: a repeat gets the first answer again."""
        key = self.request.headers.get("Idempotency-Key")
        if key is None:
            return run()
        if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
            raise errors.Invalid("Idempotency-Key must be 1 to 255 printable ASCII characters")
        status, data = request_keys.get("once")(self.actor, self.request.get_full_path(), key, body_digest, run)
        return answer(data, status)

    def read(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        return read(self.request.data, serializer)

    def listing(
        self,
        rows: QuerySet[Any],
        present: Callable[[Any], Any],
        keys: Sequence[str] = ("-id",),
        bind: str = "",
        walk: tuple[QuerySet[Any], Any] | None = None,
    ) -> Response:
        """`{"results", "next"}` of one keyset page, and `count` when `?count=1` asks for it. `walk`: see `page`."""
        params = self.request.query_params
        bound = f"{self.request.path}|{bind}|{getattr(self.actor, 'person_id', '')}"
        found = page(rows, keys=keys, cursor=params.get("cursor"), limit=limit_of(params.get("limit")), bind=bound, walk=walk)
        body: dict[str, Any] = {"results": [present(row) for row in found.rows], "next": found.next}
        if params.get("count") == "1":
            body["count"] = rows.count()
        return answer(body)

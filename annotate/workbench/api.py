"""The hot routes `next` and `submit`, by hand and without DRF; their classes carry the documentation.

A pair of them costs a few statements prepared on the server. They answer as the other routes do: problem+json, strict
input, the same scopes. `next` takes no Idempotency-Key (asking again gives the same lease); `submit` keeps the key on the
annotation itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotate.kernel import canonical
from annotate.kernel.errors import Invalid, SluiceError, Unsupported
from annotate.kernel.http import Endpoint, NotAllowed, answer, problem, translate
from annotate.kernel.straight import routes as straight
from annotate.people.actor import Actor
from annotate.people.auth import actor_of
from annotate.queues.reopening import reopen
from annotate.queues.submit import submit
from annotate.workbench.bundle import bundle, serve
from annotate.workbench.following import answered
from annotate.workbench.frames_api import frame_routes
from annotate.workbench.judging import Judge
from annotate.workbench.shapes import BundleShape, SubmitInput, SubmittedShape
from annotate.workbench.undoing import undo_routes


def _json(body: Any, status: int = 200) -> HttpResponse:
    response = HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _query(request: HttpRequest, name: str, values: tuple[str, ...]) -> str:
    """The one query parameter that the route knows; its first value is the default."""
    given = request.GET
    for key in given:
        if key != name:
            raise Invalid(f"there is no parameter {key[:60]!r}", fields={key[:60]: "unknown parameter"})
    found = given.getlist(name)
    if not found:
        return values[0]
    if len(found) > 1 or found[0] not in values:
        raise Invalid(f"{name} must be {' or '.join(values)}", fields={name: f"{' or '.join(values)}"})
    return found[0]


def _body(request: HttpRequest) -> dict[str, Any]:
    raw = request.body
    if not raw.strip():
        return {}
    if request.content_type != "application/json":
        raise Unsupported("send application/json")
    found = canonical.loads_strict(raw)
    if not isinstance(found, dict):
        raise Invalid("the body must be a JSON object", code="not_an_object")
    return found


class Hot(Endpoint):
    """An endpoint whose POST is `serve`, called without DRF; the class stays for the API's document."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., Any]:
        documented = super().as_view(**initkwargs)

        def hot(request: HttpRequest, **named: Any) -> HttpResponse:
            try:
                if request.method != "POST":
                    actor_of(request)
                    raise NotAllowed()
                return cls.serve(request, actor_of(request), **named)
            except Exception as error:  # every error that is known becomes its problem; the rest goes on up
                known: SluiceError | None = translate(error)
                if known is None:
                    raise
                return problem(known, request)

        hot.cls = cls  # type: ignore[attr-defined]
        hot.initkwargs = documented.initkwargs  # type: ignore[attr-defined]
        hot.csrf_exempt = True  # type: ignore[attr-defined]  # `actor_of` asks for it of sessions
        return hot

    @staticmethod
    def serve(request: HttpRequest, actor: Actor, **named: Any) -> HttpResponse:
        raise NotImplementedError


class Next(Hot):
    @extend_schema(
        request=None,
        parameters=[OpenApiParameter("slot", int, enum=[0, 1], description="1 fetches one ahead")],
        responses={200: BundleShape, 204: None},
    )
    def post(self, request: Request, queue: int) -> Response:
        """The task to work on: the same lease while it lives. 204 when nothing is left for this person."""
        raise NotImplementedError

    @staticmethod
    def serve(request: HttpRequest, actor: Actor, **named: Any) -> HttpResponse:
        slot = int(_query(request, "slot", ("0", "1")))
        if _body(request):
            raise Invalid("this call takes no body")
        found = serve(named["queue"], actor, slot=slot)
        return HttpResponse(status=204) if found is None else _json(found)


def _request_key(request: HttpRequest) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and (not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable()):
        raise Invalid("Idempotency-Key must be 1 to 255 printable ASCII characters")
    return key


class Submit(Hot):
    @extend_schema(
        request=SubmitInput,
        parameters=[OpenApiParameter("next", int, enum=[0, 1], description="1 adds the next bundle, or null")],
        responses={201: SubmittedShape},
    )
    def post(self, request: Request, lease: int) -> Response:
        """Answer the task. Durable once acknowledged; with an Idempotency-Key, a repeat gets the first answer again."""
        raise NotImplementedError

    @staticmethod
    def serve(request: HttpRequest, actor: Actor, **named: Any) -> HttpResponse:
        wants_next = _query(request, "next", ("0", "1")) == "1"
        key = _request_key(request)
        body = _body(request)
        unknown = sorted(set(body) - {"annotation", "seconds", "draft"})
        if unknown or "annotation" not in body:
            wrong = dict.fromkeys(unknown, "there is no such field") or {"annotation": "required"}
            raise Invalid("the body is {annotation, seconds, draft}", fields=wrong)
        given: dict[str, Any] = {
            "draft": body.get("draft"),
            "request_key": key,
            "request_digest": canonical.digest(request.body) if key is not None else None,
        }
        answer = partial(submit, named["lease"], actor, body["annotation"], body.get("seconds"), **given)
        if not wants_next:
            done = answer()
            return _json({"annotation_id": done.annotation_id, "revision": done.revision}, 201)
        done, follows = answered(lambda follow: answer(follow=follow), actor)
        return _json({"annotation_id": done.annotation_id, "revision": done.revision, "next": follows}, 201)


class Reopen(Endpoint):
    scopes: ClassVar = {"POST": ("label",)}

    @extend_schema(request=None, responses={201: BundleShape})
    def post(self, request: Request, task: int) -> Response:
        """One's own answer under a new lease, until a reviewer has opened it; what was held there comes after it."""
        return answer(bundle(reopen(task, self.actor)), 201)


straight.add("queues/<>/next", ("queue", Next.as_view()))
straight.add("leases/<>/submit", ("lease", Submit.as_view()))
api_routes = [
    path("queues/<id:queue>/next", Next.as_view()),
    path("leases/<id:lease>/submit", Submit.as_view()),
    path("leases/<id:lease>/review", Judge.as_view()),
    path("tasks/<id:task>/reopen", Reopen.as_view()),
    *frame_routes,
    *undo_routes,
]

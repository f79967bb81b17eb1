"""The manners of pages: who is signed in, the frame around the content, and errors beside what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from annotate.kernel.errors import Denied, Missing, SluiceError
from annotate.kernel.registry import Registry

# "session": who is signed in, or None; the people room adds it.
callers: Registry[Callable[[HttpRequest], Any]] = Registry("callers")


class PageRequest(HttpRequest):
    """A request that passed `page`: somebody is signed in."""

    actor: Any


def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view with `request.actor` set; who is not signed in goes to the sign-in page and comes back after it.

    Pages are for sessions: a bearer token is refused, since pages do not ask for its scopes.
    """

    @wraps(view)
    def signed_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = callers.get("session")(request)
        if actor is None:
            return to_sign_in(request)
        if actor.token_id is not None:
            raise Denied(_("Tokens are for the API; pages need a sign-in."), code="session_only")
        request.actor = actor  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return signed_in


def open_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages that anybody may read; `request.actor` is None when nobody is signed in."""

    @wraps(view)
    def for_anybody(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.actor = callers.get("session")(request)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return for_anybody


def posted(back: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For an address that only takes forms: any other method goes to the page at `back` ("/people/{person}")."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def only_posted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseRedirect(back.format(**kwargs))
            return view(request, *args, **kwargs)

        return only_posted

    return wrap


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back here afterwards; a part of a page that htmx asks for makes the whole page go."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    if request.headers.get("HX-Request"):
        back = local_path(request, request.headers.get("HX-Current-URL"), default="/")
    target = "/sign-in" if back == "/" else f"/sign-in?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)


def local_path(request: HttpRequest, wanted: str | None, default: str = "/") -> str:
    """`wanted` when it stays on this server, else `default`: links may not send people elsewhere."""
    if wanted and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return default


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    project: Any = None,
    section: str = "",
    status: int = 200,
) -> HttpResponse:
    """The template inside the frame: `project` and `section` say what the rail marks as here."""
    request.shell_project, request.shell_section = project, section  # type: ignore[attr-defined]
    return render(request, template, {"project": project, "section": section, **(context or {})}, status=status)


def form_errors(form: BaseForm, error: SluiceError, names: Mapping[str, str] | None = None) -> None:
    """Put a refusal onto the form that caused it, so that what was typed stays.

    `names` maps a path of the error ("schema") to a field of the form; a deeper path ("schema.labels[2].name") lands on
    the field of its head, with the path before the words. What the person may not do at all is no error of the form: it
    goes on up.
    """
    if isinstance(error, Denied | Missing) and not error.fields:
        raise error
    named = dict(names or {})
    placed = False
    form.is_valid()
    for path, why in error.fields.items():
        for head in (path, path.split(".")[0].split("[")[0]):
            if named.get(head, head) in form.fields:
                words = error.detail if len(error.fields) == 1 and path == head else str(why)
                form.add_error(named.get(head, head), words if path == head else f"{path}: {words}")
                placed = True
                break
    if not placed:
        form.add_error(None, str(error.detail))


def fragment(request: HttpRequest) -> bool:
    """True when htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"

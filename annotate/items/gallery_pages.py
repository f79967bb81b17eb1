"""The gallery of a project's items: thumbnails with objects, narrowed by a query, paged by keys."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.items import browsing, queries
from annotate.items.badges import badges
from annotate.items.models import Batch, Item
from annotate.items.thumbs import schema_colours, thumbs
from annotate.kernel.errors import Denied, Invalid
from annotate.kernel.pages import PageRequest, fragment, page, render_page
from annotate.kernel.paging import Page
from annotate.kernel.paging import page as keyset
from annotate.projects import queries as projects
from annotate.projects.policies import may_collect
from annotate.search.writing import narrowed, quoted

PER_PAGE = 60
COUNTED = 2000  # items of a project up to which counts cost nothing to speak of
SORTS = (
    ("newest", gettext_lazy("newest first")),
    ("oldest", gettext_lazy("oldest first")),
    ("key", gettext_lazy("by name")),
    ("-key", gettext_lazy("by name, backwards")),
    ("group", gettext_lazy("by group")),
)
_TOKEN = re.compile(r'[\w.]+|"(?:[^"\\]|\\.)*"?|.')
STATES = ("new", "labelled", "returned", "approved", "withdrawn")


def narrower(q: str, condition: str) -> str:
    """The query with one condition more; the condition alone while the query cannot be read."""
    try:
        return narrowed(q, condition)
    except Invalid:
        return condition


def _facets(project_id: int, q: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Conditions to click; each narrows what is asked now, or replaces it when it asks the same field."""
    batches = Batch.objects.filter(project_id=project_id).order_by("-id").values_list("name", flat=True)[:8]
    labels = schema_colours([project_id]).get(project_id, {})

    def entry(word: str, condition: str, n: int | None = None, css: str = "") -> dict[str, Any]:
        on = q.strip() == condition
        wanted = "" if on else condition if not q.strip() else narrower(q, condition)
        return {"word": word, "n": n, "css": css, "on": on, "href": "?" + urlencode({"q": wanted}), "state": ""}

    states = [entry(state, f"state = {state}", counts.get(state)) | {"state": state} for state in STATES]
    return [
        {"title": _("State"), "entries": states},
        {"title": _("Batch"), "entries": [entry(name, f"batch = {quoted(name)}") for name in batches]},
        {"title": _("Label"), "entries": [entry(name, f"label = {quoted(name)}", css=css) for name, css in labels.items()]},
    ]


def refusal(error: Invalid | Denied, q: str) -> dict[str, Any]:
    """What is wrong with a query: the words, and the query parted at the fault so that a mark can stand under it."""
    column = error.extra.get("column")
    out: dict[str, Any] = {"detail": error.detail}
    if isinstance(column, int) and 1 <= column <= len(q) + 1:
        found = _TOKEN.match(q, column - 1)
        at = found.group() if found else " "
        out |= {"column": column, "before": q[: column - 1], "at": at, "after": q[column - 1 + len(at) :]}
        out["mark"] = "^" + "~" * (len(at) - 1)
    return out


def address(**asked: str | None) -> str:
    """A query string of what is not empty: "?q=…&sort=…"."""
    return "?" + urlencode({name: value for name, value in asked.items() if value})


@page
def gallery(request: PageRequest, project: int) -> HttpResponse:
    """Everything one may see of a project, narrowed by a query; a large project is counted only when somebody asks for it."""
    found = projects.get(request.actor, project)
    q, sort, cursor = (request.GET.get(name, "") for name in ("q", "sort", "cursor"))
    sees_all = queries.sees_all(request.actor, found)
    if chosen := request.GET.getlist("key"):
        return HttpResponseRedirect(request.path + address(q=f"key in ({', '.join(map(quoted, chosen))})"))
    context: dict[str, Any] = {"q": q, "sort": sort or "newest", "sorts": SORTS, "sees_all": sees_all, "refused": None}
    shown: Page[Item] = Page([], None)
    counts: dict[str, int] = {}
    try:
        rows, keys = browsing.browse(request.actor, found, q, sort)
        shown = keyset(rows, keys=keys, cursor=cursor or None, limit=PER_PAGE, bind=f"{project}|{q}|{sort}", walk=browsing.walk(request.actor, found, q))
        queries.as_seen(request.actor, shown.rows)
        if request.GET.get("count") == "1" or (not fragment(request) and browsing.few(found.pk, COUNTED)):
            counts = browsing.counts_by(rows, "state")
            context["total"] = sum(counts.values())
        elif not shown.next and not cursor:
            context["total"] = len(shown.rows)
    except (Invalid, Denied) as error:
        context["refused"] = refusal(error, q)
    within = urlencode({name: value for name, value in {"q": q, "sort": sort}.items() if value})
    context |= {
        "thumbs": thumbs(
            shown.rows, only_of=None if sees_all else request.actor, within=within, badges=badges(request.actor, found, shown.rows)
        ),
        "next": address(q=q, sort=sort, cursor=shown.next) if shown.next else "",
        "later": bool(cursor),
        "first": address(q=q, sort=sort),
        "count": address(q=q, sort=sort, count="1"),
        "unsorted": address(q=q),
    }
    if fragment(request):
        return render(request, "items/shown.html", context | {"part": True})
    if sees_all:
        context["facets"] = _facets(found.pk, q, counts)
    context["may_collect"] = bool(may_collect(request.actor, found))
    status = 400 if context["refused"] else 200
    return render_page(request, "items/gallery.html", context, project=found, section="items", status=status)


gallery_routes = [path("p/<id:project>/items", gallery)]

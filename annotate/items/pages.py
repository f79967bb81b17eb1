"""The gallery of a project's items, and one item with all that is known about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.items import browsing, policies, queries, services
from annotate.items.batch_pages import batch_routes
from annotate.items.drawing import shapes
from annotate.items.forms import EraseForm
from annotate.items.history import history
from annotate.items.media_api import media_url
from annotate.items.models import Batch, Item
from annotate.items.revisions import current, revisions
from annotate.items.thumbs import Thumb, schema_colours, thumbs
from annotate.kernel.errors import Denied, Invalid
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.kernel.paging import Page
from annotate.kernel.paging import page as keyset
from annotate.projects import queries as projects
from annotate.projects.policies import may_collect

PER_PAGE = 60
COUNTED = 10_000  # more matches than this are told as "10,000+"
SORTS = (
    ("newest", gettext_lazy("newest first")),
    ("oldest", gettext_lazy("oldest first")),
    ("key", gettext_lazy("by name")),
    ("-key", gettext_lazy("by name, backwards")),
    ("group", gettext_lazy("by group")),
)
STATES = ("new", "labelled", "returned", "approved", "withdrawn")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _facets(project_id: int, q: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Conditions to click; each narrows what is asked now, or replaces it when it asks the same field."""
    batches = Batch.objects.filter(project_id=project_id).order_by("-id").values_list("name", flat=True)[:8]
    labels = schema_colours([project_id]).get(project_id, {})

    def entry(word: str, condition: str, n: int | None = None, css: str = "") -> dict[str, Any]:
        on = q.strip() == condition
        wanted = "" if on else condition if not q.strip() else f"({q.strip()}) and {condition}"
        return {"word": word, "n": n, "css": css, "on": on, "href": "?" + urlencode({"q": wanted}), "state": ""}

    states = [entry(state, f"state = {state}", counts.get(state)) | {"state": state} for state in STATES]
    return [
        {"title": _("State"), "entries": [one for one in states if q.strip() or one["n"]]},
        {"title": _("Batch"), "entries": [entry(name, f"batch = {_quoted(name)}") for name in batches]},
        {"title": _("Label"), "entries": [entry(name, f"label = {_quoted(name)}", css=css) for name, css in labels.items()]},
    ]


def _refusal(error: Invalid, q: str) -> dict[str, Any]:
    """What is wrong with a query: words, a mark under the column, and names that were perhaps meant."""
    column = error.extra.get("column")
    near = [str(name) for name in error.extra.get("near") or ()]  # type: ignore[attr-defined]
    out: dict[str, Any] = {"detail": error.detail, "column": None, "near": near}
    if isinstance(column, int) and 0 <= column <= len(q):
        end = error.extra.get("end")
        length = end - column if isinstance(end, int) and end > column else 1
        out |= {"column": column + 1, "before": q[:column], "at": q[column : column + length] or " "}
    return out


@page
def gallery(request: PageRequest, project: int) -> HttpResponse:
    """Everything one may see of a project, narrowed by a query."""
    found = projects.get(request.actor, project)
    q, sort = request.GET.get("q", ""), request.GET.get("sort", "")
    sees_all = queries.sees_all(request.actor, found)
    context: dict[str, Any] = {"q": q, "sort": sort or "newest", "sorts": SORTS, "sees_all": sees_all, "refused": None}
    shown: Page[Item] = Page([], None)
    total, counts = 0, {}
    try:
        rows, keys = browsing.browse(request.actor, found, q, sort)
        shown = keyset(rows, keys=keys, cursor=request.GET.get("cursor"), limit=PER_PAGE, bind=f"{project}|{q}|{sort}")
        if q.strip():
            total = rows.order_by()[: COUNTED + 1].count()
        else:
            counts = browsing.counts_by(rows, "state")
            total = sum(counts.values())
    except Invalid as error:
        context["refused"] = _refusal(error, q)
    except Denied as error:
        context["refused"] = {"detail": error.detail, "column": None, "near": []}
    if sees_all:
        context["facets"] = _facets(found.pk, q, counts)
        context["may_collect"] = bool(may_collect(request.actor, found))
    more = {"q": q, "sort": sort, "cursor": shown.next}
    context |= {
        "thumbs": thumbs(shown.rows, only_of=None if sees_all else request.actor),
        "total": min(total, COUNTED) if q.strip() else total,
        "over": bool(q.strip()) and total > COUNTED,
        "next": "?" + urlencode({name: value for name, value in more.items() if value}) if shown.next else "",
        "later": bool(request.GET.get("cursor")),
        "first": "?" + urlencode({name: value for name, value in {"q": q, "sort": sort}.items() if value}),
    }
    status = 400 if context["refused"] else 200
    return render_page(request, "items/gallery.html", context, project=found, section="items", status=status)


def _chosen(request: PageRequest, item: Item) -> tuple[list[Any], Any | None]:
    """All revisions, and the one to draw: `?revision=3`, else what the item shows now."""
    rows = list(revisions(request.actor, item).order_by("-number")[:100])
    wanted = request.GET.get("revision", "")
    chosen = next((row for row in rows if str(row.number) == wanted), None)
    return rows, chosen or (current(request.actor, item) if len(rows) == 100 else _standing(rows))


def _standing(rows: list[Any]) -> Any | None:
    return next((row for row in rows if row.approved), rows[0] if rows else None)


def _large(item: Item, document: str | None, colour: dict[str, str]) -> Thumb:
    drawn = []
    if document and item.width and item.height:
        drawn = shapes(document, colour, width=item.width, height=item.height, detail=1600, most=2000)
    return Thumb(
        item=item,
        href=media_url(item.pk, "full"),
        name=item.key.rpartition("/")[2],
        src=media_url(item.pk, "display") if item.blob_id and item.text is None else "",
        text=item.text or "",
        box=f"0 0 {item.width} {item.height}" if item.width and item.height else "",
        shapes=drawn,
    )


@page
def one_item(request: PageRequest, item: int) -> HttpResponse:
    """The picture with its objects, facts, revisions, and everything that happened to it."""
    found = queries.get(request.actor, item)
    return _show_item(request, found, EraseForm())


def _show_item(request: PageRequest, item: Item, form: EraseForm) -> HttpResponse:
    rows, shown = _chosen(request, item)
    colour = schema_colours([item.project_id]).get(item.project_id, {})
    content = shown.content if shown is not None else {}
    around = queries.visible(request.actor, item.project)
    context = {
        "item": item,
        "picture": _large(item, shown.document if shown is not None else None, colour),
        "revisions": rows,
        "shown": shown,
        "objects": [{**thing, "css": colour.get(thing.get("label", ""), "l12")} for thing in content.get("objects", [])],
        "answers": content.get("item", {}),
        "facts": item.blob.facts if item.blob else {},
        "events": history(request.actor, item),
        "newer": around.filter(pk__gt=item.pk).order_by("pk").values_list("pk", flat=True).first(),
        "older": around.filter(pk__lt=item.pk).order_by("-pk").values_list("pk", flat=True).first(),
        "may_erase": bool(policies.may_erase(request.actor, item.project)),
        "erase_form": form,
    }
    return render_page(request, "items/item.html", context, project=item.project, section="items")


@page
@posted("/items/{item}")
def erase_item(request: PageRequest, item: int) -> HttpResponse:
    """Erase for good; the page says before what goes and what stays."""
    found = queries.get(request.actor, item)
    form = EraseForm(request.POST)
    if form.is_valid():
        try:
            services.erase(found, reason=form.cleaned_data["reason"], by=request.actor)
        except Invalid as error:
            form_errors(form, error)
        else:
            messages.success(request, _("Item %(n)s is erased.") % {"n": found.pk})
            return HttpResponseRedirect(f"/p/{found.project_id}/items")
    return _show_item(request, found, form)


page_routes = [
    path("p/<id:project>/items", gallery),
    path("items/<id:item>", one_item),
    path("items/<id:item>/erase", erase_item),
    *batch_routes,
]

"""One item with all that is known about it, and its erasure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotate.items import browsing, policies, queries, remarks, services
from annotate.items.batch_pages import batch_routes
from annotate.items.drawing import shapes
from annotate.items.erasure import effect
from annotate.items.forms import EraseForm
from annotate.items.gallery_pages import address, gallery_routes
from annotate.items.history import history
from annotate.items.media_api import media_url
from annotate.items.models import Item
from annotate.items.parts import filled
from annotate.items.revisions import current, revisions
from annotate.items.thumbs import Thumb, schema_colours
from annotate.items.words import SOURCES, told
from annotate.kernel.errors import Invalid
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.projects.policies import may_collect
from annotate.search.writing import quoted

KINDS: dict[str, Any] = {
    "box": gettext_lazy("box"),
    "polygon": gettext_lazy("polygon"),
    "polyline": gettext_lazy("line"),
    "point": gettext_lazy("point"),
    "keypoints": gettext_lazy("keypoints"),
    "mask": gettext_lazy("mask"),
    "span": gettext_lazy("span"),
}
FACTS: dict[str, Any] = {
    "mode": gettext_lazy("Colour mode"),
    "format": gettext_lazy("Format"),
    "frames": gettext_lazy("Frames"),
    "orientation": gettext_lazy("EXIF orientation"),
}
KIND_ICONS = {"box": "box", "polygon": "poly", "polyline": "lines", "point": "point", "keypoints": "point", "mask": "brush", "span": "tag"}


def _chosen(request: PageRequest, item: Item) -> tuple[list[Any], Any | None]:
    """All revisions, and the one to draw: `?revision=3`, else what the item shows now."""
    rows = list(revisions(request.actor, item).order_by("-number")[:100])
    wanted = request.GET.get("revision", "")
    chosen = next((row for row in rows if str(row.revision) == wanted), None)
    for row in rows:
        row.how = SOURCES.get(row.source, row.source)
        if row.source == "undo" and row.author is not None:
            row.how = _("put back; written by %(name)s") % {"name": row.author.name}
        row.size = len(row.content.get("objects", []))
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


def _object(thing: dict[str, Any], colour: dict[str, str]) -> dict[str, Any]:
    """An object as the list shows it: label, kind, size in pixels, attributes."""
    box = thing.get("box")
    extent = f"{box[2]:.0f} × {box[3]:.0f}" if box else ""
    if not extent and thing.get("points"):
        extent = ngettext("%(n)d point", "%(n)d points", len(thing["points"])) % {"n": len(thing["points"])}
    return {
        "id": thing.get("id", ""),
        "label": thing.get("label", ""),
        "kind": KINDS.get(thing.get("kind", ""), thing.get("kind", "")),
        "icon": KIND_ICONS.get(thing.get("kind", ""), "dot"),
        "extent": extent,
        "attributes": thing.get("attributes", {}),
        "css": colour.get(thing.get("label", ""), "l12"),
    }


def _facts(item: Item) -> dict[Any, Any]:
    """What the file itself says, in words; what every picture says (one frame, upright) and what only machines read goes without saying."""
    said = dict(item.blob.facts) if item.blob else {}
    usual = {"renditions": said.get("renditions"), "pixels": said.get("pixels"), "frames": 1, "orientation": 1}
    return {FACTS.get(name, name): value for name, value in said.items() if name not in usual or value != usual[name]}


@page
def one_item(request: PageRequest, item: int) -> HttpResponse:
    """The picture with its objects, facts, revisions, and everything that happened to it."""
    found = queries.get(request.actor, item)
    return show_item(request, found)


def show_item(request: PageRequest, item: Item, refused: Mapping[str, Any] | None = None) -> HttpResponse:
    """The page; `refused` has the forms that were not taken, by their place, so that what was typed stays."""
    queries.as_seen(request.actor, [item])
    rows, shown = _chosen(request, item)
    colour = schema_colours([item.project_id]).get(item.project_id, {})
    content = shown.content if shown is not None else {}
    q, sort = request.GET.get("q", ""), request.GET.get("sort", "")
    before, after = browsing.neighbours(request.actor, item, q, sort)
    may_erase = bool(policies.may_erase(request.actor, item.project))
    context = {
        "item": item,
        "picture": _large(item, shown.document if shown is not None else None, colour),
        "revisions": rows,
        "shown": shown,
        "objects": [_object(thing, colour) for thing in content.get("objects", [])],
        "answers": content.get("item", {}),
        "facts": _facts(item),
        "holds": remarks.holds(request.actor, item),
        "sees_all": queries.sees_all(request.actor, item.project),
        "events": told(history(request.actor, item)),
        "sha256": item.sha256.hex() if item.sha256 else "",
        "group_link": f"/p/{item.project_id}/items" + address(q=f"group = {quoted(item.group)}", sort="group"),
        "may_collect": bool(may_collect(request.actor, item.project)),
        "before": before,
        "after": after,
        "within": address(q=q, sort=sort) if q or sort else "",
        "may_erase": may_erase,
        "effect": effect(item) if may_erase else None,
        "erase_form": (refused or {}).get("erase") or EraseForm(),
        "parts": filled(request, item, refused or {}),
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
    return show_item(request, found, {"erase": form})


page_routes = [
    *gallery_routes,
    path("items/<id:item>", one_item),
    path("items/<id:item>/erase", erase_item),
    *batch_routes,
]

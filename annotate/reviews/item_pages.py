"""What this room adds to an item's page: comments to write and settle, and the withdrawal of an approval."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items import queries as items
from annotate.items.models import Item
from annotate.items.pages import show_item
from annotate.items.parts import Part, parts
from annotate.items.states import ITEM
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.kernel.pages import PageRequest, form_errors, page, posted
from annotate.reviews import policies, queries, services
from annotate.reviews.forms import CommentForm, WithdrawForm

MOST = 100


def _things(item: Item, request: PageRequest) -> list[tuple[str, str]]:
    """(id, "3 · car") of the objects that a comment of this person may name, numbered as the page lists them."""
    about = queries.spoken_of(request.actor, item)
    objects = about.content.get("objects", []) if about else []
    return [(str(thing["id"]), f"{n} · {thing.get('label', '')}") for n, thing in enumerate(objects, 1) if thing.get("id")]


def _back(request: PageRequest, item_id: int, place: str) -> HttpResponse:
    """To the item as it was looked at: the list it stands in and the revision shown come along in the address."""
    kept = request.GET.urlencode()
    return HttpResponseRedirect(f"/items/{item_id}{'?' if kept else ''}{kept}#{place}")


@parts.register("remarks")
def remarks(request: PageRequest, item: Item, refused: Any) -> Part | None:
    """Comments, open ones first, then the newest; a form for who may speak."""
    found = list(queries.comments(request.actor, item).order_by("-id")[:MOST])
    may_speak = bool(policies.may_comment(request.actor, item.project))
    if not found and not may_speak:
        return None
    things = _things(item, request) if may_speak else []
    for row in found:
        row.label = _labelled(row)  # type: ignore[attr-defined]
    context = {
        "item": item,
        "comments": sorted(found, key=lambda row: row.resolved_at is not None),
        "open": sum(row.resolved_at is None for row in found),
        "form": (refused or CommentForm(things=things)) if may_speak else None,
        "things": things,
        "may_settle": bool(policies.may_resolve(request.actor, item.project)),
        "kept": request.GET.urlencode(),
    }
    return Part("reviews/remarks.html", context)


def _labelled(row: Any) -> str:
    """The label of the object that a comment is pinned to, "" for none."""
    if row.object is None or row.annotation is None:
        return ""
    same = (thing for thing in row.annotation.content.get("objects", []) if thing.get("id") == str(row.object))
    return str(next(same, {}).get("label", ""))


@parts.register("standing")
def standing(request: PageRequest, item: Item, refused: Any) -> Part | None:
    """The withdrawal, for who may withdraw, while there is an approval to take back."""
    if not ITEM.allows(item.state, "withdraw") or not policies.may_withdraw(request.actor, item.project):
        return None
    return Part("reviews/withdraw.html", {"item": item, "form": refused or WithdrawForm(), "kept": request.GET.urlencode()})


@page
@posted("/items/{item}")
def comment_item(request: PageRequest, item: int) -> HttpResponse:
    """Words about an item, perhaps about one object of it."""
    found = items.get(request.actor, item)
    require(policies.may_comment(request.actor, found.project))
    form = CommentForm(request.POST, things=_things(found, request))
    if form.is_valid():
        try:
            services.comment(found, form.cleaned_data["text"], object=form.cleaned_data["object"] or None, by=request.actor)
        except Invalid as error:
            form_errors(form, error)
        else:
            return _back(request, item, "comments")
    return show_item(request, found, refused={"remarks": form})


@page
@posted("/")
def resolve_comment(request: PageRequest, comment: int) -> HttpResponse:
    """Settled: it stays to be read."""
    found = services.resolve(queries.comment(request.actor, comment), by=request.actor)
    return _back(request, found.item_id, "comments")


@page
@posted("/items/{item}")
def withdraw_item(request: PageRequest, item: int) -> HttpResponse:
    """The approval ends; versions that are frozen keep the item."""
    found = items.get(request.actor, item)
    require(policies.may_withdraw(request.actor, found.project))
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            services.withdraw(found, form.cleaned_data["reason"], by=request.actor)
        except Invalid as error:
            form_errors(form, error)
        except Conflict:  # somebody was quicker: the page shows how it stands now
            messages.error(request, _("It is not approved any more."))
            return _back(request, item, "history")
        else:
            messages.success(request, _("Withdrawn: versions from now on leave it out."))
            return _back(request, item, "history")
    return show_item(request, found, refused={"standing": form})


item_routes = [
    path("items/<id:item>/comments", comment_item),
    path("items/<id:item>/withdraw", withdraw_item),
    path("comments/<id:comment>/resolve", resolve_comment),
]

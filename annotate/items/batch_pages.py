"""Batches of a project, and one batch: its plan against reality, what came in, and what did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items import policies, queries, services
from annotate.items.badges import badges
from annotate.items.bars import quota_row, stage_parts, stage_words
from annotate.items.batches import Quota, Reality, due, reality
from annotate.items.forms import BatchForm
from annotate.items.gallery_pages import address, narrower
from annotate.items.imports import imports
from annotate.items.models import Batch, Item
from annotate.items.parts import batch_filled
from annotate.items.stages import STAGE_OF
from annotate.items.states import ITEM
from annotate.items.thumbs import thumbs
from annotate.items.upload_words import upload_words
from annotate.jobs.states import LIVE
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects import policies as projects
from annotate.projects import queries as project_queries
from annotate.projects.models import Project
from annotate.search.writing import quoted

PER_PAGE = 50


def _project(request: PageRequest, project: int) -> Project:
    found = project_queries.get(request.actor, project)
    if project_queries.role(request.actor, found) == "annotator":
        raise Missing()
    return found


def _counted(batches: list[Batch]) -> list[dict[str, Any]]:
    """Each batch with its items by stage, in one query."""
    stages: dict[int, dict[str, int]] = defaultdict(lambda: {"label": 0, "review": 0, "approved": 0})
    rows = Item.objects.filter(batch__in=batches).exclude(state="erased").order_by()
    for batch_id, state, n in rows.values_list("batch_id", "state").annotate(n=Count("pk")):
        stages[batch_id][STAGE_OF[state]] += n
    out = []
    for batch in batches:
        counts = stages[batch.pk]
        total = sum(counts.values())
        target = batch.plan.get("target")
        out.append({
            "batch": batch,
            "counts": counts,
            "total": total,
            "target": target,
            "short": max(0, (target or 0) - total),
            "due": due(batch),
            "parts": stage_parts(counts, max(total, target or 0)),
            "said": stage_words(counts),
        })  # fmt: skip
    return out


def _list(request: PageRequest, project: Project, form: BatchForm) -> HttpResponse:
    rows = queries.batches(request.actor, project)
    found = keyset(rows, keys=("-id",), cursor=request.GET.get("cursor"), limit=PER_PAGE, bind=f"batches|{project.pk}")
    context = {
        "batches": _counted(found.rows),
        "next": found.next,
        "form": form,
        "may_collect": bool(projects.may_collect(request.actor, project)),
    }
    return render_page(request, "items/batches.html", context, project=project, section="batches")


@page
def batches(request: PageRequest, project: int) -> HttpResponse:
    """The list, newest first, and a form for a new one."""
    found = _project(request, project)
    if request.method != "POST":
        return _list(request, found, BatchForm())
    form = BatchForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = services.create_batch(found, data["name"], source=data["source"], plan=form.plan(), by=request.actor)
        except SluiceError as error:
            form_errors(form, error, {"plan.quotas": "quotas", "plan": "quotas"})
        else:
            return HttpResponseRedirect(f"/batches/{made.pk}")
    return _list(request, found, form)


def _busy(found: list[dict[str, Any]]) -> bool:
    return any(one["job"] and one["job"].state in LIVE for one in found)


def _quotas(found: Reality, batch: Batch, items_link: str) -> list[dict[str, Any]]:
    """All items first, then each quota of the plan, with a link to the items behind it; else only what is one's own."""
    if not items_link:
        return [quota_row(Quota("", "", found.items, None), _("Your items"), "")]
    rows = [quota_row(found.all_items, _("All items"), items_link)]
    for quota in found.quotas:
        q = narrower(quota.q, f"batch = {quoted(batch.name)}")
        href = f"/p/{batch.project_id}/items" + address(q=q)
        rows.append(quota_row(quota, quota.name, href))
    return rows


def show_batch(request: PageRequest, batch: Batch, form: BatchForm | None = None, refused: Mapping[str, Any] | None = None) -> HttpResponse:
    """The page; `refused` has the forms of other rooms that were not taken, by their place, so that what was typed stays."""
    actor, project = request.actor, batch.project
    found = imports(actor, batch)
    sees_all = queries.sees_all(actor, project)
    newest = list(queries.visible(actor, project).filter(batch=batch).order_by("-id")[:12])
    found_reality = reality(actor, batch)
    items_link = f"/p/{project.pk}/items" + address(q=f"batch = {quoted(batch.name)}")
    context = {
        "batch": batch,
        "quotas": _quotas(found_reality, batch, items_link if sees_all else ""),
        "states": [(state, found_reality.states[state]) for state in ITEM.states if found_reality.states.get(state)],
        "parts": stage_parts(found_reality.stages, max(found_reality.items, (batch.plan.get("target") or 0) if sees_all else 0)),
        "said": stage_words(found_reality.stages),
        "items_link": items_link,
        "due": due(batch),
        "imports": found,
        "busy": _busy(found),
        "thumbs": thumbs(newest, only_of=None if sees_all else actor, badges=badges(actor, project, newest)),
        "sees_all": sees_all,
        "may_add": bool(policies.may_add(actor, batch)),
        "may_manage": bool(projects.may_manage(actor, project)),
        "form": form or BatchForm.of(batch),
        "upload_words": upload_words(),
        "added": batch_filled(request, batch, refused or {}),
    }
    return render_page(request, "items/batch.html", context, project=project, section="batches")


@page
def one_batch(request: PageRequest, batch: int) -> HttpResponse:
    """Plan against reality, imports, the newest items, and where files are dropped."""
    found = queries.get_batch(request.actor, batch)
    return show_batch(request, found)


@page
def batch_imports(request: PageRequest, batch: int) -> HttpResponse:
    """The part of the page that refreshes itself while something comes in."""
    found = queries.get_batch(request.actor, batch)
    rows = imports(request.actor, found)
    busy = _busy(rows)
    response = render(request, "items/imports.html", {"batch": found, "imports": rows, "busy": busy})
    if not busy:
        response["HX-Trigger"] = "imported"  # the rest of the page shows what came in
    return response


@page
@posted("/batches/{batch}")
def change(request: PageRequest, batch: int) -> HttpResponse:
    """Name, source and plan."""
    found = queries.get_batch(request.actor, batch)
    form = BatchForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.change_batch(
                found, name=data["name"], source=data["source"], plan=form.plan(found.plan), by=request.actor
            )
        except SluiceError as error:
            form_errors(form, error, {"plan.quotas": "quotas", "plan": "quotas"})
            return show_batch(request, queries.get_batch(request.actor, batch), form)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(f"/batches/{batch}")
    return show_batch(request, found, form)


@page
@posted("/batches/{batch}")
def seal(request: PageRequest, batch: int) -> HttpResponse:
    """Close collection, or open it again: each undoes the other."""
    found = queries.get_batch(request.actor, batch)
    if request.POST.get("open") == "1":
        services.reopen(found, by=request.actor)
        messages.success(request, _("The batch takes items again."))
    else:
        services.seal(found, by=request.actor)
        messages.success(request, _("The batch is sealed: nothing more comes in."))
    return HttpResponseRedirect(f"/batches/{batch}")


batch_routes = [
    path("p/<id:project>/batches", batches),
    path("batches/<id:batch>", one_batch),
    path("batches/<id:batch>/imports", batch_imports),
    path("batches/<id:batch>/change", change),
    path("batches/<id:batch>/seal", seal),
]

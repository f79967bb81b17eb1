"""Batches of a project, and one batch: its plan against reality, what came in, and what did not."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items import policies, queries, services
from annotate.items.batches import due, reality
from annotate.items.forms import BatchForm
from annotate.items.models import Batch, Item, Upload
from annotate.items.stages import STAGE_OF
from annotate.items.thumbs import thumbs
from annotate.jobs.models import JobReportLine
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects import policies as projects
from annotate.projects import queries as project_queries
from annotate.projects.models import Project

PER_PAGE = 50
IMPORTS = 20
CODES = 8  # of what an import refused, the most frequent


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
        out.append({"batch": batch, "counts": counts, "total": total, "target": batch.plan.get("target"), "due": due(batch)})
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
            form_errors(form, error, {"plan": "target"})
        else:
            return HttpResponseRedirect(f"/batches/{made.pk}")
    return _list(request, found, form)


def imports(batch: Batch) -> list[dict[str, Any]]:
    """The batch's imports, newest first: job, counts, and what was refused by code."""
    uploads = list(Upload.objects.filter(batch=batch).select_related("job", "created_by").order_by("-id")[:IMPORTS])
    jobs = [upload.job_id for upload in uploads if upload.job_id]
    refused: dict[int, list[tuple[str, int]]] = defaultdict(list)
    lines = JobReportLine.objects.filter(job__in=jobs).order_by().values_list("job_id", "code")
    for job_id, code, n in lines.annotate(n=Count("pk")).order_by("-n", "code"):
        refused[job_id].append((code, n))
    out = []
    for upload in uploads:
        result = (upload.job.result if upload.job else None) or {}
        codes = refused[upload.job_id or 0]
        counts = {name: result.get(name, 0) for name in ("accepted", "duplicate", "rejected")}
        out.append({"upload": upload, "job": upload.job, "counts": counts, "total": sum(counts.values()),
                    "codes": codes[:CODES], "more": len(codes) > CODES})  # fmt: skip
    return out


def _show(request: PageRequest, batch: Batch, form: BatchForm) -> HttpResponse:
    actor, project = request.actor, batch.project
    found = imports(batch)
    sees_all = queries.sees_all(actor, project)
    newest = queries.visible(actor, project).filter(batch=batch).order_by("-id")[:12]
    context = {
        "batch": batch,
        "reality": reality(actor, batch),
        "due": due(batch),
        "imports": found,
        "busy": any(one["job"] and one["job"].state in ("queued", "running") for one in found),
        "thumbs": thumbs(newest, only_of=None if sees_all else actor),
        "sees_all": sees_all,
        "may_add": bool(policies.may_add(actor, batch)),
        "may_manage": bool(projects.may_manage(actor, project)),
        "form": form,
    }
    return render_page(request, "items/batch.html", context, project=project, section="batches")


@page
def one_batch(request: PageRequest, batch: int) -> HttpResponse:
    """Plan against reality, imports, the newest items, and where files are dropped."""
    found = queries.get_batch(request.actor, batch)
    return _show(request, found, BatchForm.of(found))


@page
def batch_imports(request: PageRequest, batch: int) -> HttpResponse:
    """The part of the page that refreshes itself while something comes in."""
    found = queries.get_batch(request.actor, batch)
    rows = imports(found)
    busy = any(one["job"] and one["job"].state in ("queued", "running") for one in rows)
    context = {"batch": found, "imports": rows, "busy": busy}
    return render_page(request, "items/imports.html", context, project=found.project, section="batches")


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
            form_errors(form, error, {"plan": "target"})
            return _show(request, queries.get_batch(request.actor, batch), form)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(f"/batches/{batch}")
    return _show(request, found, form)


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

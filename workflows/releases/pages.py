"""Datasets of a project with their versions, asking for a new one with a preview, and what differs between two."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.projects import policies as projects
from annotate.projects import queries as project_queries
from annotate.projects.models import Project
from workflows.releases import diff_pages, policies, queries, record_pages, services, told
from workflows.releases.asking import asked_of, query_of
from workflows.releases.forms import CutForm, DatasetForm, TagForm, in_order
from workflows.releases.models import Dataset
from workflows.releases.preview import preview
from workflows.releases.shown import timeline

NAMES = {name: name for name in ("splits", "slice", "stratify", "together", "labels")}


def _project(request: PageRequest, project_id: int) -> Project:
    """The project, for who may pull from it; the others have no releases."""
    found = project_queries.get(request.actor, project_id)
    if not projects.may_export(request.actor, found):
        raise Missing()
    return found


def _form(request: PageRequest, project: Project, datasets: list[Dataset], data: Any = None) -> CutForm:
    slices = queries.slices(request.actor, project).order_by("name")
    if data is not None:
        return CutForm(data, datasets=datasets, slices=slices)
    first = datasets[0] if datasets else None
    last = queries.versions(first).order_by("-number").first() if first else None
    return CutForm(initial=CutForm.first(last, first), datasets=datasets, slices=slices)


def _preview(request: PageRequest, project: Project, data: Any) -> dict[str, Any]:
    """What would go in, or what is wrong with the query."""
    q = query_of(request.actor, project, data)[:10_000]
    try:
        found = preview(project, q)
    except Invalid as error:
        return {"refused": error.detail}
    form = _form(request, project, list(queries.datasets(request.actor, project)), data)
    form.is_valid()
    shares = form.cleaned_data.get("splits") or {}
    if "field" in shares:
        shares = {}
    rows = [(name, round(found.taken * shares[name])) for name in in_order(shares)]
    return {"preview": found, "shares": rows, "project": project}


def _list(request: PageRequest, project: Project, form: CutForm | None, new: DatasetForm, status: int = 200) -> HttpResponse:
    datasets = list(queries.datasets(request.actor, project).order_by("-id"))
    manages = bool(policies.may_create_dataset(request.actor, project))
    form = form or _form(request, project, datasets)
    lines = [timeline(each, 6) for each in datasets]
    data = form.data if form.is_bound else form.initial
    context: dict[str, Any] = {
        "lines": lines,
        "busy": any(each.busy for each in lines),
        "form": form if manages and datasets else None,
        "new": new if manages else None,
        "manages": manages,
    }
    if context["form"]:
        context |= _preview(request, project, data)
    return render_page(request, "releases/versions.html", context, project=project, section="versions", status=status)


@page
def versions(request: PageRequest, project: int) -> HttpResponse:
    """Every dataset as a timeline of its versions, and the form for the next one."""
    found = _project(request, project)
    if request.method != "POST":
        return _list(request, found, None, DatasetForm())
    require(projects.may_manage(request.actor, found))
    datasets = list(queries.datasets(request.actor, found).order_by("-id"))
    form = _form(request, found, datasets, request.POST)
    if not form.is_valid():
        return _list(request, found, form, DatasetForm(), 400)
    dataset = queries.get_dataset(request.actor, int(form.cleaned_data["dataset"]))
    return _cut(request, dataset, form) or _list(request, found, form, DatasetForm(), 400)


def _cut(request: PageRequest, dataset: Dataset, form: CutForm) -> HttpResponse | None:
    """To the dataset, where the cut is seen at work; None when it was refused and the form says why."""
    data = form.cleaned_data
    try:
        services.cut(
            dataset,
            q=query_of(request.actor, dataset.project, data),
            message=data["message"],
            by=request.actor,
            **asked_of(data),
        )
    except SluiceError as error:
        form_errors(form, error, NAMES)
        return None
    return HttpResponseRedirect(f"/datasets/{dataset.pk}")


@page
def preview_part(request: PageRequest, project: int) -> HttpResponse:
    """The part of the form that says what would go in, as somebody types."""
    found = _project(request, project)
    require(projects.may_manage(request.actor, found))
    return render(request, "releases/preview.html", _preview(request, found, request.GET))


@page
@posted("/p/{project}/versions")
def new_dataset(request: PageRequest, project: int) -> HttpResponse:
    found = _project(request, project)
    form = DatasetForm(request.POST)
    if form.is_valid():
        try:
            made = services.create_dataset(found, form.cleaned_data["name"], by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("The dataset is there. Cut its first version."))
            return HttpResponseRedirect(f"/datasets/{made.pk}")
    return _list(request, found, None, form, 400)


@page
def one_dataset(request: PageRequest, dataset: int) -> HttpResponse:
    """All versions of one dataset, cuts under way, and the form for the next one."""
    found = queries.get_dataset(request.actor, dataset)
    manages = bool(policies.may_cut(request.actor, found))
    form, status = _form(request, found.project, [found]), 200
    if request.method == "POST":
        require(policies.may_cut(request.actor, found))
        form = _form(request, found.project, [found], request.POST)
        if form.is_valid() and (done := _cut(request, found, form)) is not None:
            return done
        status = 400
    line = timeline(found, 100)
    context: dict[str, Any] = {"dataset": found, "line": line, "busy": line.busy, "form": form if manages else None, "manages": manages}
    context["parts"] = [{"template": template} | part for template, part in told.parts(found, request.GET)]
    if manages:
        context |= _preview(request, found.project, form.data if form.is_bound else form.initial)
    return render_page(request, "releases/dataset.html", context, project=found.project, section="versions", status=status)


@page
@posted("/versions/{version}")
def set_tag(request: PageRequest, version: int) -> HttpResponse:
    """Let a name mean this version from now on."""
    found = queries.get_version(request.actor, version)
    form = TagForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid(_("A tag needs a name of at most 60 characters."))
        tag = services.create_tag(found.dataset, form.cleaned_data["name"], version=found, by=request.actor)
    except Invalid as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("%(name)s means v%(number)s now.") % {"name": tag.name, "number": found.number})
    return HttpResponseRedirect(f"/versions/{version}")


page_routes = [
    *diff_pages.page_routes,
    *record_pages.page_routes,
    path("p/<id:project>/versions", versions),
    path("p/<id:project>/versions/preview", preview_part),
    path("p/<id:project>/datasets", new_dataset),
    path("datasets/<id:dataset>", one_dataset),
    path("versions/<id:version>/tags", set_tag),
]

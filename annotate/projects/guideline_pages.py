"""/p/{project}/guidelines: read by everybody of the project, written by its managers with a preview beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.media.facts import Refused
from annotate.media.probe import probe
from annotate.media.services import store_file
from annotate.projects import guidelines, policies, queries
from annotate.projects.forms import ExampleForm, GuidelinesForm
from annotate.projects.guidelines_api import picture_url
from annotate.projects.markdown import to_html
from annotate.projects.models import Guideline, Project

BACK = "/p/{project}/guidelines"
VERSIONS = 50


def _labels(project: Project) -> list[str]:
    return [label["name"] for label in queries.current_schema(project.pk).content.get("labels", [])]


def _examples(version: Guideline | None) -> list[tuple[str, list[dict[str, Any]]]]:
    """(label, its examples, the good ones first) in the order of their first mention; "" is about no label."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for place, each in enumerate(version.examples if version else []):
        row = each | {"url": picture_url(version.project_id, each["picture"]) if version else None, "place": place}
        grouped.setdefault(each["label"], []).append(row)
    return [(label, sorted(rows, key=lambda row: not row["good"])) for label, rows in grouped.items()]


def _show(request: PageRequest, project: Project, **over: Any) -> HttpResponse:
    wanted = request.GET.get("version", "")
    newest = guidelines.newest(project)
    version = newest
    if wanted:
        version = Guideline.objects.filter(project=project, number=int(wanted)).first() if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9 else None
        if version is None:
            raise Missing()
    manages = bool(policies.may_manage(request.actor, project))
    seen = guidelines.seen(request.actor, project)
    versions = list(Guideline.objects.filter(project=project).select_related("created_by").order_by("-number")[:VERSIONS])
    editing = manages and (bool(over) or "edit" in request.GET or newest is None)
    initial = {"text": newest.text if newest else ""}
    context = {
        "version": version,
        "newest": newest,
        "html": to_html(version.text) if version else "",
        "groups": _examples(version),
        "versions": versions,
        "unread": newest is not None and seen < newest.number,
        "manages": manages,
        "editing": editing,
        "form": over.get("form") or GuidelinesForm(initial=initial),
        "example_form": over.get("example_form") or ExampleForm(labels=_labels(project)),
        "status": 400 if over else 200,
    }
    return render_page(request, "projects/guidelines.html", context, project=project, section="guidelines", status=400 if over else 200)


@page
def show_guidelines(request: PageRequest, project: int) -> HttpResponse:
    """How this project is labelled; `?version=3` an earlier one; `?edit` the form, for managers."""
    return _show(request, queries.get(request.actor, project))


def _managed(request: PageRequest, project: int) -> Project:
    found = queries.get(request.actor, project)
    require(policies.may_manage(request.actor, found))
    return found


@page
@posted(BACK)
def save_guidelines(request: PageRequest, project: int) -> HttpResponse:
    """A new version with the examples that were there."""
    found = _managed(request, project)
    form = GuidelinesForm(request.POST)
    if form.is_valid():
        try:
            made = guidelines.change(found, form.cleaned_data["text"], message=form.cleaned_data["message"], by=request.actor)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("Version %(n)d counts from now on; everybody is shown it once.") % {"n": made.number})
            return HttpResponseRedirect(BACK.format(project=project))
    return _show(request, found, form=form)


@page
@posted(BACK)
def preview(request: PageRequest, project: int) -> HttpResponse:
    """What the text will look like: a part of the page."""
    _managed(request, project)
    html = to_html(request.POST.get("text", "")[: guidelines.LONGEST])
    return render(request, "projects/guideline_text.html", {"html": html})


@page
@posted(BACK)
def add_example(request: PageRequest, project: int) -> HttpResponse:
    """One example more: words and perhaps a picture, stored as items' pictures are."""
    found = _managed(request, project)
    form = ExampleForm(request.POST, request.FILES, labels=_labels(found))
    if form.is_valid():
        data = form.cleaned_data
        try:
            blob = None
            if data["picture"] is not None:
                facts = probe(data["picture"])
                data["picture"].seek(0)
                blob = store_file(data["picture"], organisation_id=found.organisation_id, facts=facts)
            guidelines.add_example(found, label=data["label"], good=data["good"] == "1", text=data["text"], blob=blob, by=request.actor)
        except Refused as error:
            form.add_error("picture", error.detail)
        except SluiceError as error:
            form_errors(form, error)
        else:
            messages.success(request, _("The example is in the guidelines."))
            return HttpResponseRedirect(BACK.format(project=project) + "#examples")
    return _show(request, found, example_form=form)


@page
@posted(BACK)
def drop_example(request: PageRequest, project: int) -> HttpResponse:
    """A version without the example at a place of the newest one."""
    found = _managed(request, project)
    newest = guidelines.newest(found)
    place, number = request.POST.get("place", ""), request.POST.get("number", "")
    examples = list(newest.examples) if newest else []
    if newest is None or str(newest.number) != number or not place.isdecimal() or int(place) >= len(examples):
        messages.error(request, _("The guidelines changed meanwhile; look again."))
    else:
        del examples[int(place)]
        guidelines.change(found, newest.text, examples=examples, message=_("An example less"), by=request.actor)
        messages.success(request, _("The example is out; earlier versions keep it."))
    return HttpResponseRedirect(BACK.format(project=project) + "#examples")


@page
@posted(BACK)
def read_guidelines(request: PageRequest, project: int) -> HttpResponse:
    """I have read this version."""
    found = queries.get(request.actor, project)
    number = request.POST.get("number", "")
    guidelines.acknowledge(found, int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 0, by=request.actor)
    return HttpResponseRedirect(BACK.format(project=project))


guideline_routes = [
    path("p/<id:project>/guidelines", show_guidelines),
    path("p/<id:project>/guidelines/save", save_guidelines),
    path("p/<id:project>/guidelines/preview", preview),
    path("p/<id:project>/guidelines/examples", add_example),
    path("p/<id:project>/guidelines/examples/drop", drop_example),
    path("p/<id:project>/guidelines/read", read_guidelines),
]

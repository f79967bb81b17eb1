"""Asking for a check: a batch or the whole project, narrowed by a query whose items are counted while it is typed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path

from annotate.items.models import Batch
from annotate.items.queries import batches
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, Missing
from annotate.kernel.pages import PageRequest, form_errors, page, posted
from annotate.projects.models import Project
from annotate.queues.faults import fault_of
from annotate.search.errors import QueryError
from workflows.cleaning import policies, queries, running
from workflows.cleaning.forms import CheckForm
from workflows.cleaning.rule_pages import show_cleaning
from workflows.cleaning.scope import Scope


def _asked(request: PageRequest, project_id: int) -> tuple[Project, CheckForm, Batch | None]:
    """What was posted by who may ask for a check; `Missing` when the batch is not theirs to see."""
    project = queries.project_of(request.actor, project_id)
    require(policies.may_clean(request.actor, project))
    form, chosen = CheckForm(request.POST), request.POST.get("batch", "")
    if not chosen:
        return project, form, None
    rows = batches(request.actor, project)
    batch = rows.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
    if batch is None:
        raise Missing()
    return project, form, batch


@page
@posted("/p/{project}/cleaning")
def check(request: PageRequest, project: int) -> HttpResponse:
    """A dry run on what matches of a batch, or of the whole project."""
    found, form, batch = _asked(request, project)
    fault = None
    if form.is_valid():
        try:
            run = running.start(found, batch=batch, q=form.cleaned_data["q"], by=request.actor)
        except QueryError as error:
            fault = fault_of(error, form.cleaned_data["q"])
            form_errors(form, error)
        except Invalid as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(f"/p/{project}/cleaning")
        else:
            return HttpResponseRedirect(f"/check-runs/{run.pk}")
    return show_cleaning(request, found, form, batch, fault)


@page
@posted("/p/{project}/cleaning")
def foretold(request: PageRequest, project: int) -> HttpResponse:
    """How many items the check that is being asked for would look at; a part of the page."""
    found, form, batch = _asked(request, project)
    context = {"batch": batch, "q": form["q"].value(), "n": None}
    if form.is_valid():
        try:
            context["n"] = Scope(found, batch.pk if batch else None, form.cleaned_data["q"]).items().count()
        except Invalid:
            pass  # it is being typed
    return render(request, "cleaning/foretold.html", context)


check_page_routes = [
    path("p/<id:project>/cleaning/check", check),
    path("p/<id:project>/cleaning/check/foretold", foretold),
]

"""Change labels while work goes on: say what becomes of each name, see what that would do, do it, take it back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.annotations import changes
from annotate.annotations.change_jobs import outcomes
from annotate.annotations.change_words import FATES, operation_words, outcome_rows, summary
from annotate.annotations.forms import ChangeForm
from annotate.annotations.models import SchemaChange
from annotate.annotations.previewing import preview
from annotate.jobs.states import LIVE
from annotate.kernel.canonical import loads_strict
from annotate.kernel.decisions import require
from annotate.kernel.errors import Invalid, SluiceError
from annotate.kernel.pages import PageRequest, page, posted, render_page
from annotate.projects import policies, queries
from annotate.projects.models import Project

BACK = "/p/{project}/settings/labels"
MOST = 50


def _managed(request: PageRequest, project: int) -> Project:
    found = queries.get(request.actor, project)
    require(policies.may_manage(request.actor, found))
    return found


def _told(change: SchemaChange) -> dict[str, Any]:
    return {"change": change, "summary": summary(change), "live": change.job is not None and change.job.state in LIVE}


def _show(request: PageRequest, project: Project, form: ChangeForm | None = None, status: int = 200) -> HttpResponse:
    version = queries.current_schema(project.pk)
    context = {
        "version": version,
        "form": form or ChangeForm(version.content),
        "changes": [_told(change) for change in changes.visible(request.actor, project)[:MOST]],
    }
    return render_page(request, "annotations/labels.html", context, project=project, section="settings", status=status)


@page
def labels(request: PageRequest, project: int) -> HttpResponse:
    return _show(request, _managed(request, project))


@page
@posted(BACK)
def look(request: PageRequest, project: int) -> HttpResponse:
    """The preview, or the form again with what is wrong."""
    found = _managed(request, project)
    version = queries.current_schema(found.pk)
    form = ChangeForm(version.content, request.POST)
    operations = form.operations()
    try:
        seen = preview(found, operations, by=request.actor)
    except Invalid as error:
        form.refuse(error)
        return _show(request, found, form)
    for row in seen["operations"]:
        row["words"], row["fate"] = operation_words(row["operation"]), FATES[row["becomes"]]
    context = {
        "seen": seen,
        "form": form,
        "operations": json.dumps(operations, ensure_ascii=False),
        "splits": any(row["becomes"] == "relabel" for row in seen["operations"]),
    }
    return render_page(request, "annotations/preview.html", context, project=found, section="settings")


@page
@posted(BACK)
def apply(request: PageRequest, project: int) -> HttpResponse:
    found = _managed(request, project)
    base = request.POST.get("base", "")
    try:
        operations = loads_strict(request.POST.get("operations", ""))
        change = changes.apply(found, operations, base=int(base) if base.isascii() and base.isdigit() and len(base) < 10 else None, by=request.actor)
    except SluiceError as error:
        if error.status not in (400, 409):
            raise
        messages.error(request, error.detail)
        return HttpResponseRedirect(BACK.format(project=project))
    messages.success(request, _("Schema version %(n)d is in use from now on.") % {"n": change.after.number})
    return HttpResponseRedirect(f"/schema-changes/{change.pk}")


@page
def change(request: PageRequest, change: int) -> HttpResponse:
    """How far the annotations have followed, what became of them, and the way back."""
    found = changes.get(request.actor, change)
    stopped = changes.stopped(found)
    context = {
        **_told(found),
        "operations": [operation_words(one) for one in found.operations],
        "outcomes": outcome_rows(outcomes(found)),
        "stopped": stopped,
        "undoable": (found.state == "done" or (found.state == "running" and stopped)) and changes.last(found),
    }
    return render_page(request, "annotations/change.html", context, project=found.project, section="settings")


def _moved(request: PageRequest, change: int, act: Any, words: str) -> HttpResponse:
    found = changes.get(request.actor, change)
    try:
        act(found, by=request.actor)
        messages.success(request, words)
    except SluiceError as error:
        if error.status != 409:
            raise
        messages.error(request, error.detail)
    return HttpResponseRedirect(f"/schema-changes/{change}")


@page
@posted("/schema-changes/{change}")
def undo(request: PageRequest, change: int) -> HttpResponse:
    return _moved(request, change, changes.undo, _("The schema is as it was before; the annotations follow."))


@page
@posted("/schema-changes/{change}")
def resume(request: PageRequest, change: int) -> HttpResponse:
    return _moved(request, change, changes.resume, _("It goes on where it was."))


page_routes = [
    path("p/<id:project>/settings/labels", labels),
    path("p/<id:project>/settings/labels/preview", look),
    path("p/<id:project>/settings/labels/apply", apply),
    path("schema-changes/<id:change>", change),
    path("schema-changes/<id:change>/undo", undo),
    path("schema-changes/<id:change>/resume", resume),
]

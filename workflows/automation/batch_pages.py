"""A batch's way on its own page: what it has passed, where it is, what comes; stopping it, letting it go on, trying again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items.models import Batch
from annotate.items.parts import Part, batch_parts
from annotate.kernel.errors import Conflict, Invalid, Missing
from annotate.kernel.pages import PageRequest, page, posted
from workflows.automation import passages, policies, queries, showing, switching
from workflows.automation.flows import of_project


@batch_parts.register("way")
def way_part(request: PageRequest, batch: Batch, refused: Any) -> Part | None:
    """For those who see the items of all."""
    if not policies.may_see(request.actor, batch.project):
        return None
    passage, rows = showing.way(batch)
    stop = queries.stop_of(batch.project, batch)
    manages = bool(policies.may_run(request.actor, batch.project)) and batch.project.archived_at is None
    context = {
        "batch": batch, "passage": passage, "rows": rows, "stop": stop, "stop_all": queries.stop_of(batch.project), "manages": manages,
        "live": passage is not None and passage.ended_at is None, "may_send": manages and batch.state == "sealed" and (passage is None or passage.ended_at is not None),
        "opens": bool(policies.may_open(request.actor, batch.project)),
        "declared": passage is not None or of_project(batch.project_id) is not None,
    }  # fmt: skip
    return Part("automation/batch_way.html", context)


def _act(request: PageRequest, batch: int, act: Callable[[Batch], object], words: str) -> HttpResponse:
    found = queries.batch_of(request.actor, batch)
    try:
        act(found)
    except (Conflict, Invalid) as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, words)
    return HttpResponseRedirect(f"/batches/{batch}#way-steps")


@page
@posted("/batches/{batch}")
def send(request: PageRequest, batch: int) -> HttpResponse:
    return _act(request, batch, lambda found: passages.send(found, by=request.actor), _("The batch is on its way."))


@page
@posted("/batches/{batch}")
def stop(request: PageRequest, batch: int) -> HttpResponse:
    words = _("Stopped: nothing further starts by itself for this batch.")
    return _act(request, batch, lambda found: switching.stop(found.project, batch=found, cancel=request.POST.get("cancel") == "1", by=request.actor), words)


@page
@posted("/batches/{batch}")
def resume(request: PageRequest, batch: int) -> HttpResponse:
    return _act(request, batch, lambda found: switching.go_on(found.project, batch=found, by=request.actor), _("It goes on."))


@page
@posted("/batches/{batch}")
def retry(request: PageRequest, batch: int) -> HttpResponse:
    number = request.POST.get("number", "1")
    if not (number.isascii() and number.isdigit() and len(number) < 4):
        raise Missing()
    return _act(request, batch, lambda found: switching.retry(found, request.POST.get("step", ""), int(number), by=request.actor), _("It is tried again."))


batch_routes = [
    path("batches/<id:batch>/way", send),
    path("batches/<id:batch>/way/stop", stop),
    path("batches/<id:batch>/way/resume", resume),
    path("batches/<id:batch>/way/retry", retry),
]

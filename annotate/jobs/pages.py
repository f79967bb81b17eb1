"""Background work: the list, one job with its report, and the part of it that refreshes itself while it runs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from annotate.jobs import queries, services
from annotate.jobs.handlers import made_by
from annotate.jobs.states import JOB, LIVE
from annotate.jobs.words import MADE
from annotate.kernel.errors import SluiceError
from annotate.kernel.pages import PageRequest, fragment, local_path, page, posted, render_page
from annotate.kernel.paging import page as keyset_page

ROWS, LINES = 50, 100
STOP_POLLING = 286  # htmx's status for "do not ask again"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


@page
def jobs(request: PageRequest) -> HttpResponse:
    rows, state = queries.visible(request.actor), request.GET.get("state", "")
    state = state if state in JOB.states else ""
    project = _number(request.GET.get("project"))
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(project_id=project) if project is not None else rows
    bind = f"{request.actor.person_id}|{state}|{project}"
    found = keyset_page(rows, keys=("-id",), cursor=request.GET.get("cursor") or None, limit=ROWS, bind=bind)
    context: dict[str, Any] = {
        "rows": found.rows,
        "next": found.next,
        "state": state,
        "about": project,
        "states": JOB.states,
        "live": any(job.state in LIVE for job in found.rows),
        "address": request.get_full_path(),
    }
    if fragment(request):
        return render(request, "jobs/list.html", context, status=200 if context["live"] else STOP_POLLING)
    return render_page(request, "jobs/jobs.html", context, section="jobs")


@page
def job(request: PageRequest, job: int) -> HttpResponse:
    """The whole page."""
    found = queries.get(request.actor, job)
    lines = keyset_page(
        queries.report(found),
        keys=("id",),
        cursor=request.GET.get("cursor") or None,
        limit=LINES,
        bind=f"job-{found.pk}",
    )
    context = {
        "job": found,
        "lines": lines.rows,
        "next": lines.next,
        "links": [(MADE.get(name, name), at.removeprefix("/api/v1")) for name, at in made_by(found).items()],
        "whole": True,
    }
    return render_page(request, "jobs/one.html", context, project=found.project, section="jobs")


@page
def progress(request: PageRequest, job: int) -> HttpResponse:
    """The part that pages include; a job that has ended is not asked about again, and its page comes anew."""
    found = queries.get(request.actor, job)
    ended = found.state not in LIVE
    response = render(
        request,
        "jobs/job.html",
        {"job": found, "whole": request.GET.get("whole") == "1"},
        status=STOP_POLLING if ended else 200,
    )
    if ended and request.GET.get("whole") == "1":
        response["HX-Refresh"] = "true"
    if ended:
        response["HX-Trigger"] = "job-ended"
    return response


@posted("/jobs/{job}")
@page
def cancel(request: PageRequest, job: int) -> HttpResponse:
    found = queries.get(request.actor, job)
    try:
        services.cancel(found, by=request.actor)
        messages.success(request, _("It ends at its next step."))
    except SluiceError as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(local_path(request, request.POST.get("next"), default=f"/jobs/{found.pk}"))


page_routes = [
    path("jobs", jobs),
    path("jobs/<id:job>", job),
    path("jobs/<id:job>/progress", progress),
    path("jobs/<id:job>/cancel", cancel),
]

"""/p/{project}/bulk: a selection, what is to be done with it, what that would change, and then the act. /bulk/{bulk}: what it
changed, what it left, and its undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext_lazy, ngettext

from annotate.jobs.states import LIVE
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.kernel.words import STATES, State
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import bulk_queries
from annotate.queues.bulk import Preview, act, preview, undo
from annotate.queues.bulk_forms import BulkForm
from annotate.queues.bulk_words import ACT_WORDS, HINTS, passed_words
from annotate.queues.faults import fault_of
from annotate.queues.models import Bulk, Queue
from annotate.queues.states import ACTS

SHOWN = 100  # tasks that are named on the page; the API lists them all
LATEST = 10
STATES |= {
    ("bulk", "running"): State("info", "job", gettext_lazy("Running")),
    ("bulk", "done"): State("good", "ok", gettext_lazy("Done")),
    ("bulk", "undoing"): State("info", "undo", gettext_lazy("Being undone")),
    ("bulk", "undone"): State("idle", "undo", gettext_lazy("Undone")),
}


def _form(request: PageRequest, project: Project) -> BulkForm:
    given = request.POST if request.method == "POST" else request.GET
    wanted = given.get("act", "")
    queue = given.get("queue", "")
    named = Queue.objects.filter(pk=int(queue), project=project).first() if queue.isascii() and queue.isdecimal() and len(queue) < 19 else None
    about: dict[str, Any] = {"project": project, "act": wanted if wanted in ACTS else ACTS[0], "queue": named}
    if request.method == "POST":
        return BulkForm(request.POST, **about)
    return BulkForm(initial={"q": given.get("q", ""), "queue": str(named.pk) if named else ""}, **about)


def _show(
    request: PageRequest, project: Project, form: BulkForm, said: Preview | None = None, fault: dict[str, Any] | None = None
) -> HttpResponse:
    latest = list(bulk_queries.of_project(request.actor, project).order_by("-id")[:LATEST])
    context = {
        "form": form,
        "acts": [(name, ACT_WORDS[name]) for name in ACTS],
        "hint": HINTS[form.act],
        "word": ACT_WORDS[form.act],
        "said": said,
        "passed": passed_words(said.passed) if said else [],
        "fault": fault,
        "latest": [{"bulk": one, "word": ACT_WORDS[one.act]} for one in latest],
        "kept": {"q": form["q"].value() or "", "queue": form["queue"].value() or ""},
    }
    status = 400 if form.errors or fault else 200
    return render_page(request, "queues/bulk.html", context, project=project, section="queues", status=status)


@page
def bulk(request: PageRequest, project: int) -> HttpResponse:
    """The form; with what was typed, what it would change; and when that was seen, the act."""
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    form = _form(request, found)
    if request.method != "POST":
        return _show(request, found, form)
    if not form.is_valid():
        return _show(request, found, form)
    try:
        if request.POST.get("step") != "do":
            return _show(request, found, form, preview(found, form.wish(), by=request.actor))
        made = act(found, form.wish(), by=request.actor)
    except SluiceError as error:
        fault = fault_of(error, form.cleaned_data["q"])
        form_errors(form, error)
        return _show(request, found, form, fault=fault)
    if made.state == "done":
        n = made.counts.get("changed", 0)
        messages.success(request, ngettext("%(n)d task changed.", "%(n)d tasks changed.", n) % {"n": n})
    return HttpResponseRedirect(f"/bulk/{made.pk}")


def _left(made: Bulk) -> dict[str, Any]:
    rows = bulk_queries.tasks(made, "left").order_by("task_id")
    return {"left": list(rows[:SHOWN]), "left_count": made.counts.get("left", 0)}


@page
def one(request: PageRequest, bulk: int) -> HttpResponse:
    """What an act changed, what it passed over and why, and its undo."""
    made = bulk_queries.get(request.actor, bulk)
    passed = {code: number for code, number in made.counts.items() if code not in ("changed", "undone", "left")}
    live = made.job is not None and made.job.state in LIVE
    context = {
        "made": made,
        "word": ACT_WORDS[made.act],
        "passed": passed_words(passed),
        "person": bulk_queries.person_of(made),
        "working": live,
        "may_undo": (made.state == "done" and made.counts.get("changed")) or (made.state in ("running", "undoing") and not live),
        **_left(made),
    }
    return render_page(request, "queues/bulk_act.html", context, project=made.project, section="queues")


@page
@posted("/bulk/{bulk}")
def undo_act(request: PageRequest, bulk: int) -> HttpResponse:
    """Put back what it changed."""
    made = bulk_queries.get(request.actor, bulk)
    try:
        made = undo(made, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
        return HttpResponseRedirect(f"/bulk/{bulk}")
    if made.state == "undone":
        n = made.counts.get("undone", 0)
        messages.success(request, ngettext("%(n)d task is as it was.", "%(n)d tasks are as they were.", n) % {"n": n})
    return HttpResponseRedirect(f"/bulk/{bulk}")


bulk_routes = [
    path("p/<id:project>/bulk", bulk),
    path("bulk/<id:bulk>", one),
    path("bulk/<id:bulk>/undo", undo_act),
]

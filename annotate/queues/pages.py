"""Queues of a project, and one queue: its settings, who holds what, the people. Managers plan here, others start here.

Overseers see how queues stand. Annotators see the queues they may work in, by name, and of one queue their own answers:
nothing of what others hold or did, not even as a number.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Missing, SluiceError
from annotate.kernel.pages import PageRequest, form_errors, page, posted, render_page
from annotate.people.actor import Actor
from annotate.people.models import Person
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import overview, queries, requiring, services
from annotate.queues.bulk_pages import bulk_routes
from annotate.queues.faults import fault_of
from annotate.queues.fill import fill
from annotate.queues.foretelling import foretell
from annotate.queues.forms import PlaceForm, QueueForm
from annotate.queues.models import Assignment, Queue
from annotate.queues.moving_pages import moving_routes
from annotate.queues.pausing import paused_queues
from annotate.queues.policies import OVERSEERS, may_claim
from annotate.queues.skip_pages import skip_routes
from annotate.queues.skip_pages import waiting as skipped_waiting
from annotate.queues.taking_back import take_back

MOVED = {
    "pause": gettext_lazy("The queue is paused: people finish what they hold, nothing more is handed out."),
    "resume": gettext_lazy("The queue is open again."),
    "close": gettext_lazy("The queue is closed. What was held is taken back; drafts stay."),
}


def _startable(actor: Actor, role: str | None, queues: list[Queue]) -> set[int]:
    """Ids of the queues where the actor may take work now."""
    named: dict[int, dict[int, bool]] = {}
    for queue, person, paused in Assignment.objects.filter(queue__in=queues).values_list("queue_id", "person_id", "paused"):
        named.setdefault(queue, {})[person] = paused
    stopped = paused_queues(actor.person_id, queues)
    return {
        queue.pk
        for queue in queues
        if queue.state == "open"
        and may_claim(
            role,
            queue.stage,
            assigned_only=queue.pk in named,
            assigned=actor.person_id in named.get(queue.pk, {}),
            paused=queue.pk in stopped or named.get(queue.pk, {}).get(actor.person_id, False),
        )
    }


def _list(request: PageRequest, project: Project, form: QueueForm | None, fault: dict[str, Any] | None = None) -> HttpResponse:
    actor = request.actor
    role = projects.role(actor, project)
    found = list(queries.visible(actor, project).select_related("qualification").order_by("-priority", "pk"))
    found.sort(key=lambda queue: queue.state == "closed")
    overseer = role in OVERSEERS
    standing = overview.standings([queue.pk for queue in found]) if overseer else {}
    mine = set() if project.archived_at else _startable(actor, role, found)
    lacks = requiring.lacked(actor.person_id, sorted(mine))
    may_plan = bool(may_manage(actor, project))
    context = {
        "rows": [
            {"queue": queue, "run_of": getattr(queue, "qualification", None), "standing": standing.get(queue.pk), "start": queue.pk in mine, "lacks": lacks.get(queue.pk)}
            for queue in found
        ],
        "overseer": overseer,
        "may_manage": may_plan,
        "form": form or (QueueForm(project=project) if may_plan else None),
        "skipped": skipped_waiting(project) if may_plan else 0,
        "fault": fault,
        "asked": form is not None or "new" in request.GET,
    }
    status = 400 if fault else 200
    return render_page(request, "queues/queues.html", context, project=project, section="queues", status=status)


@page
@posted("/p/{project}/queues")
def foretold(request: PageRequest, project: int) -> HttpResponse:
    """What the settings of a new queue that are being typed would ask of people; a part of the page of queues."""
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    return render(request, "queues/foretold.html", {"told": foretell(found, request.POST)})


@page
@posted("/queues/{queue}")
def foretold_change(request: PageRequest, queue: int) -> HttpResponse:
    """The same of a queue that is there; a part of its page."""
    found = _planned(request, queue)
    return render(request, "queues/foretold.html", {"told": foretell(found.project, request.POST, found)})


@page
def queues(request: PageRequest, project: int) -> HttpResponse:
    """The project's queues as the person may see them, and for managers a form for a new one."""
    found = projects.get(request.actor, project)
    if projects.role(request.actor, found) == "collector":
        raise Missing()
    if request.method != "POST":
        return _list(request, found, None)
    require(may_manage(request.actor, found))
    form = QueueForm(request.POST, project=found)
    if not form.is_valid():
        return _list(request, found, form)
    data = form.settings()
    try:
        made = services.create_queue(found, data.pop("name"), by=request.actor, **data)
    except SluiceError as error:
        form_errors(form, error)
        return _list(request, found, form, fault_of(error, data["q"]))
    added = fill(made.pk)
    said = ngettext("The queue is made; %(n)d task waits in it.", "The queue is made; %(n)d tasks wait in it.", added)
    messages.success(request, said % {"n": added})
    return HttpResponseRedirect(f"/queues/{made.pk}")


def _show(request: PageRequest, queue: Queue, form: QueueForm | None = None, fault: dict[str, Any] | None = None) -> HttpResponse:
    actor, project = request.actor, queue.project
    role = projects.role(actor, project)
    overseer, may_plan = role in OVERSEERS, bool(may_manage(actor, project))
    run_of = getattr(queue, "qualification", None)
    if run_of is not None and not may_plan:
        return HttpResponseRedirect(f"/qualifications/{run_of.pk}")
    context: dict[str, Any] = {
        "run_of": run_of,
        "lacks": requiring.lacked(actor.person_id, [queue.pk]).get(queue.pk),
        "queue": queue,
        "overseer": overseer,
        "may_manage": may_plan,
        "start": run_of is None and not project.archived_at and queue.pk in _startable(actor, role, [queue]),
        "mine": queries.mine(actor, queue),
        "fault": fault,
    }
    if overseer:
        context["standing"] = overview.standings([queue.pk])[queue.pk]
        context["agreed"] = overview.agreed(queue) if queue.stage == "annotate" else None
    if may_plan:
        context["held"] = overview.holders(queue)
        context["places"] = overview.places(queue)
        context["open_work"] = overview.open_work(queue)
        context["able"] = list(queries.able(project, queue).values()) if context["open_work"] else []
        context["requires"] = requiring.requirements.get("choice")(queue) if "choice" in requiring.requirements else []
        context["form"] = form or (QueueForm.of(queue) if queue.state != "closed" else None)
    status = 400 if fault else 200
    return render_page(request, "queues/queue.html", context, project=project, section="queues", status=status)


@page
def one_queue(request: PageRequest, queue: int) -> HttpResponse:
    """How it stands, who holds what, its settings; for those who only work in it, their own answers."""
    return _show(request, queries.get(request.actor, queue))


def _planned(request: PageRequest, queue: int) -> Queue:
    found = queries.get(request.actor, queue)
    require(may_manage(request.actor, found.project))
    return found


@page
@posted("/queues/{queue}")
def change(request: PageRequest, queue: int) -> HttpResponse:
    found = _planned(request, queue)
    form = QueueForm(request.POST, project=found.project, queue=found)
    if not form.is_valid():
        return _show(request, found, form)
    data = form.settings()
    try:
        services.change_queue(found, by=request.actor, **data)
    except SluiceError as error:
        form_errors(form, error)
        return _show(request, queries.get(request.actor, queue), form, fault_of(error, data.get("q", "")))
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(f"/queues/{queue}")


@page
@posted("/queues/{queue}")
def move(request: PageRequest, queue: int) -> HttpResponse:
    """Pause, resume or close."""
    found, wanted = _planned(request, queue), request.POST.get("move", "")
    if wanted not in MOVED:
        raise Missing()
    try:
        services.move_queue(found, wanted, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, MOVED[wanted])
    return HttpResponseRedirect(f"/queues/{queue}")


@page
@posted("/queues/{queue}")
def fill_now(request: PageRequest, queue: int) -> HttpResponse:
    found = _planned(request, queue)
    added = fill(found.pk)
    said = ngettext("%(n)d task came.", "%(n)d tasks came.", added) if added else _("Nothing new belongs to this queue.")
    messages.success(request, said % {"n": added} if added else said)
    return HttpResponseRedirect(f"/queues/{queue}")


@page
@posted("/queues/{queue}")
def take(request: PageRequest, queue: int, lease: int) -> HttpResponse:
    """Take back what somebody holds; their draft stays."""
    taken = take_back(_planned(request, queue), lease, by=request.actor)
    words = _("Taken back from %(name)s; the draft stays.") % {"name": taken.person.name}
    messages.success(request, words if taken.ended_by == "move" else _("It was given back or answered already."))
    return HttpResponseRedirect(f"/queues/{queue}")


@page
@posted("/queues/{queue}")
def place(request: PageRequest, queue: int, person: int) -> HttpResponse:
    """A named person's quotas, or a pause."""
    found = _planned(request, queue)
    who = Person.objects.filter(pk=person, assignments__queue=found).first()
    if who is None:
        raise Missing()
    form = PlaceForm(request.POST)
    if form.is_valid():
        services.set_place(found, who, by=request.actor, **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("A quota is a whole number, or empty for none."))
    return HttpResponseRedirect(f"/queues/{queue}")


page_routes = [
    *skip_routes,
    *bulk_routes,
    *moving_routes,
    path("p/<id:project>/queues", queues),
    path("p/<id:project>/queues/foretold", foretold),
    path("queues/<id:queue>", one_queue),
    path("queues/<id:queue>/change", change),
    path("queues/<id:queue>/foretold", foretold_change),
    path("queues/<id:queue>/move", move),
    path("queues/<id:queue>/fill", fill_now),
    path("queues/<id:queue>/leases/<id:lease>/take", take),
    path("queues/<id:queue>/people/<id:person>", place),
]

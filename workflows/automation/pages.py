"""/p/{project}/flow: the declared flow as a picture with counts, what runs by itself, batches on their way; and where it is edited."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.kernel.pages import PageRequest, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects.models import Project
from workflows.automation import flows, policies, queries, showing, switching
from workflows.automation.batch_pages import batch_routes
from workflows.automation.document import usual
from workflows.automation.forms import WholeForm
from workflows.automation.models import Switch
from workflows.automation.picture import picture
from workflows.automation.states import KINDS
from workflows.automation.wording import DOES
from workflows.automation.wording import KINDS as WORDS

PER_PAGE = 30


def _switches(project: Project, rows: list[Switch]) -> list[dict[str, Any]]:
    return [{"switch": one, "word": WORDS[one.kind], "does": DOES[one.kind]} for one in rows]


@page
def flow(request: PageRequest, project: int) -> HttpResponse:
    """The picture, the switches, the batches on their way."""
    found = queries.project_of(request.actor, project)
    declared, rows = flows.of_project(found.pk), queries.switches(found)
    document = declared.document if declared is not None else usual()
    ways = keyset(queries.passages(found), keys=("-id",), cursor=request.GET.get("cursor") or None, limit=PER_PAGE, bind=f"ways|{found.pk}")
    context = {
        "declared": declared,
        "stages": picture(found, document, rows, opens=bool(policies.may_open(request.actor, found))),
        "switches": _switches(found, rows),
        "any_on": any(one.on for one in rows),
        "stop": queries.stop_of(found),
        "ways": [showing.present_of(one) for one in ways.rows],
        "next": ways.next,
        "later": bool(request.GET.get("cursor")),
        "manages": bool(policies.may_run(request.actor, found)) and found.archived_at is None,
    }
    return render_page(request, "automation/flow.html", context, project=found, section="line")


@page
def edit(request: PageRequest, project: int) -> HttpResponse:
    """Declare the flow; what was not taken goes back to who typed it."""
    found = queries.project_of(request.actor, project)
    require(policies.may_run(request.actor, found))
    declared = flows.of_project(found.pk)
    document = declared.document if declared is not None else usual()
    form = WholeForm(found, document, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = flows.declare(found, form.document(), by=request.actor)
        except (Invalid, Conflict) as error:
            form.refuse(error)
        else:
            same = declared is not None and made.pk == declared.pk
            words = _("Nothing has changed.") if same else _("Flow %(n)s holds from now on. Batches on their way keep the one that they set out with.") % {"n": made.number}
            messages.success(request, words)
            return HttpResponseRedirect(f"/p/{project}/flow")
    on_way = queries.passages(found).count()
    context = {"declared": declared, "form": form, "on_way": on_way}
    return render_page(request, "automation/edit.html", context, project=found, section="line")


def _back(request: PageRequest, project: int, words: str = "", refused: Conflict | Invalid | None = None) -> HttpResponse:
    if refused is not None:
        messages.error(request, refused.detail)
    elif words:
        messages.success(request, words)
    return HttpResponseRedirect(f"/p/{project}/flow#by-itself")


@page
@posted("/p/{project}/flow")
def switch(request: PageRequest, project: int) -> HttpResponse:
    """One step on or off."""
    found, kind, on = queries.project_of(request.actor, project), request.POST.get("step", ""), request.POST.get("on") == "1"
    try:
        switching.switch(found, kind, on=on, by=request.actor)
    except (Conflict, Invalid) as error:
        return _back(request, project, refused=error)
    word = str(WORDS[kind]) if kind in KINDS else kind
    return _back(request, project, (_("%(step)s: by itself from now on.") if on else _("%(step)s: by hand from now on.")) % {"step": word})


@page
@posted("/p/{project}/flow")
def stop(request: PageRequest, project: int) -> HttpResponse:
    """Nothing further starts."""
    found = queries.project_of(request.actor, project)
    try:
        switching.stop(found, reason=request.POST.get("reason", "")[: switching.LONGEST_REASON], cancel=request.POST.get("cancel") == "1", by=request.actor)
    except (Conflict, Invalid) as error:
        return _back(request, project, refused=error)
    return _back(request, project, _("Stopped: nothing further starts by itself."))


@page
@posted("/p/{project}/flow")
def resume(request: PageRequest, project: int) -> HttpResponse:
    """It goes on."""
    found = queries.project_of(request.actor, project)
    try:
        switching.go_on(found, by=request.actor)
    except Conflict as error:
        return _back(request, project, refused=error)
    return _back(request, project, _("It goes on."))


page_routes = [
    *batch_routes,
    path("p/<id:project>/flow", flow),
    path("p/<id:project>/flow/edit", edit),
    path("p/<id:project>/flow/switch", switch),
    path("p/<id:project>/flow/stop", stop),
    path("p/<id:project>/flow/resume", resume),
]

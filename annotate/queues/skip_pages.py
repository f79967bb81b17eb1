"""/p/{project}/skipped: the manager's inbox of what people passed on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext_lazy

from annotate.items.thumbs import thumbs
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Missing
from annotate.kernel.pages import PageRequest, page, render_page
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues import skips

DONE = {
    "back": gettext_lazy("It is put before those who skipped it once more."),
    "hold": gettext_lazy("It is held back from every queue."),
    "void": gettext_lazy("Nobody is asked about it in this queue any more."),
}


def _number(request: PageRequest, name: str) -> int:
    given = request.POST.get(name, "")
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise Missing()
    return int(given)


def _settle(request: PageRequest, project: Project) -> HttpResponse:
    act = request.POST.get("act", "")
    try:
        skips.settle(project, _number(request, "item"), _number(request, "queue"), act, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, DONE[act])
    return HttpResponseRedirect(f"/p/{project.pk}/skipped")


@page
def skipped(request: PageRequest, project: int) -> HttpResponse:
    """Who passed on what, and why; each is put back, held or taken out."""
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    if request.method == "POST":
        return _settle(request, found)
    rows, total = skips.inbox(found)
    context = {"rows": list(zip(rows, thumbs([row.item for row in rows]), strict=True)), "total": total}
    return render_page(request, "queues/skipped.html", context, project=found, section="queues")


def waiting(project: Project) -> int:
    """How many items wait in the inbox."""
    return skips.unsettled(project).values("item_id").distinct().count()


skip_routes = [path("p/<id:project>/skipped", skipped)]

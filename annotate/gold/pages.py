"""/p/{project}/gold: what people are measured by. For managers alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.gold import queries, services
from annotate.gold.scored import means
from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, SluiceError
from annotate.kernel.pages import PageRequest, page, posted, render_page
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from annotate.queues.faults import fault_of
from annotate.queues.models import Queue

PAGE = 50

def _list(request: PageRequest, project: Project, q: str = "", found: int | None = None, fault: Any = None) -> HttpResponse:
    rows = queries.of_project(request.actor, project).order_by("-state", "-pk")
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    mean = means.get("mean")([row.pk for row in shown.object_list]) if "mean" in means else {}
    active, frames = queries.active(project)
    working = Queue.objects.filter(project=project, stage="annotate").exclude(state="closed")
    queues = list(working.filter(qualification=None).order_by("-gold_percent", "pk"))
    context = {
        "page": shown,
        "rows": [{"gold": row, "score": mean.get(row.pk)} for row in shown.object_list],
        "active": active,
        "frames": frames,
        "runs": working.exclude(qualification=None).select_related("qualification").order_by("qualification__name"),
        "queues": queues,
        "nothing": active == frames and any(queue.gold_percent for queue in queues),
        "q": q,
        "found": found,
        "fault": fault,
    }
    return render_page(request, "gold/gold.html", context, project=project, section="queues", status=400 if fault else 200)


@page
def gold(request: PageRequest, project: int) -> HttpResponse:
    """The list; with `q`, how many approved items the query would add; by POST, adds them."""
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    posted_ = request.method == "POST"
    given = request.POST if posted_ else request.GET
    q = given.get("q", "")
    if not posted_ and "q" not in given:
        return _list(request, found)
    try:
        items = queries.fit(found, q)
        if not posted_:
            return _list(request, found, q, items.count())
        wanted = list(items.order_by("pk").values_list("pk", flat=True)[: services.MOST])
    except SluiceError as error:
        return _list(request, found, q, fault=fault_of(error, q))
    made = services.add_gold(found, wanted, by=request.actor) if wanted else services.Added()
    said = ngettext("%(n)d item is gold now.", "%(n)d items are gold now.", len(made.gold)) % {"n": len(made.gold)}
    messages.success(request, said if made.gold else _("No approved item matches that is not gold already."))
    return HttpResponseRedirect(f"/p/{project}/gold")


@page
@posted("/")
def rest(request: PageRequest, gold: int) -> HttpResponse:
    """Retire one."""
    found = queries.get(request.actor, gold)
    try:
        services.retire(found, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("It is handed out no more; what it measured stays."))
    return HttpResponseRedirect(f"/p/{found.project_id}/gold")


page_routes = [path("p/<id:project>/gold", gold), path("gold/<id:gold>/retire", rest)]

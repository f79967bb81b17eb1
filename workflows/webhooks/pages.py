"""A project's webhooks: who is told of what, what arrived, and trying one out. For managers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotate.kernel.decisions import require
from annotate.kernel.errors import SluiceError
from annotate.kernel.pages import PageRequest, page, posted, render_page
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.projects.policies import may_manage
from workflows.webhooks import queries, services
from workflows.webhooks.events import EVENTS, TEST

SHOWN = 8
WORDS: dict[str, Any] = {
    "tag.moved": gettext_lazy("a tag was set or moved"),
    "export.ready": gettext_lazy("an export is ready"),
    "version.frozen": gettext_lazy("a version was frozen"),
    "version.withdrawn": gettext_lazy("a version was withdrawn"),
    TEST: gettext_lazy("a test"),
}


def _show(request: PageRequest, project: Project, *, error: str = "", url: str = "", chosen: Any = (), secret: str = "", status: int = 200) -> HttpResponse:
    rows = []
    for webhook in queries.webhooks(request.actor, project).order_by("-pk"):
        told = [(each, WORDS.get(each.event, each.event)) for each in queries.deliveries(webhook).order_by("-pk")[:SHOWN]]
        rows.append({"webhook": webhook, "events": [WORDS[name] for name in webhook.events if name in WORDS], "told": told})
    context = {
        "rows": rows,
        "events": [(name, WORDS[name], name in chosen or not chosen) for name in EVENTS],
        "error": error,
        "url": url,
        "secret": secret,
    }
    return render_page(request, "webhooks/webhooks.html", context, project=project, section="settings", status=status)


@page
def webhooks(request: PageRequest, project: int) -> HttpResponse:
    """All of them; a form posted here makes one more, and its secret is on the page that answers, this once."""
    found = projects.get(request.actor, project)
    require(may_manage(request.actor, found))
    if request.method != "POST":
        return _show(request, found)
    url, chosen = request.POST.get("url", ""), request.POST.getlist("events")
    try:
        _made, secret = services.create(found, url, events=chosen, by=request.actor)
    except SluiceError as error:
        return _show(request, found, error=error.detail, url=url[:2000], chosen=chosen or ("-",), status=400)
    response = _show(request, found, secret=secret)
    response["Cache-Control"] = "no-store"
    return response


@page
@posted("/")
def act(request: PageRequest, webhook: int) -> HttpResponse:
    """Test it, stop it, let it go on, or end it."""
    found = queries.get(request.actor, webhook)
    wanted = request.POST.get("act", "")
    try:
        if wanted == "test":
            services.test(found, by=request.actor)
            messages.success(request, _("A test is on its way; look here again in a moment."))
        elif wanted in ("stop", "start"):
            services.change(found, active=wanted == "start", by=request.actor)
        elif wanted == "delete":
            services.delete(found, by=request.actor)
            messages.success(request, _("The webhook is gone."))
    except SluiceError as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(f"/p/{found.project_id}/webhooks")


@page
@posted("/")
def retry(request: PageRequest, delivery: int) -> HttpResponse:
    found = queries.get_delivery(request.actor, delivery)
    try:
        services.again(found, by=request.actor)
    except SluiceError as error:
        messages.error(request, error.detail)
    return HttpResponseRedirect(f"/p/{found.webhook.project_id}/webhooks")


page_routes = [
    path("p/<id:project>/webhooks", webhooks),
    path("webhooks/<id:webhook>", act),
    path("deliveries/<id:delivery>/retry", retry),
]

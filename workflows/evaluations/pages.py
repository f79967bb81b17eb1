"""/evaluations/{id}: a model's figures on a version, and labels that its predictions speak against, to be looked at and sent on."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotate.kernel.errors import Conflict, Invalid
from annotate.kernel.pages import PageRequest, page, posted, render_page
from annotate.projects.policies import may_manage, may_view
from annotate.queues import queries as queues
from annotate.queues.models import Queue
from workflows.evaluations import acting, queries
from workflows.evaluations.looking import parts, shown
from workflows.evaluations.models import Evaluation, Suspect
from workflows.evaluations.wording import KINDS

SHOWN = 24


@page
def one_evaluation(request: PageRequest, evaluation: int) -> HttpResponse:
    found = queries.get(request.actor, evaluation)
    version, project = found.version, found.version.dataset.project
    kind, after = request.GET.get("kind", ""), request.GET.get("after", "")
    kind = kind if kind in KINDS else ""
    since = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    rows = list(queries.suspects(found, kind).filter(rank__gt=since).order_by("rank")[: SHOWN + 1])
    counts = (found.report or {}).get("suspects", {})
    manages = bool(may_manage(request.actor, project))
    context: dict[str, Any] = {
        "evaluation": found,
        "version": version,
        "dataset": version.dataset,
        **parts(found),
        "kinds": [(name, word, counts[name]["kept"]) for name, word in KINDS.items() if name in counts and counts[name]["kept"]],
        "kind": kind,
        "suspects": shown(found, rows[:SHOWN]),
        "next": urlencode({"kind": kind, "after": rows[SHOWN - 1].rank}) if len(rows) > SHOWN else "",
        "later": bool(since),
        "manages": manages,
        "asks": bool(may_view(request.actor, project)),
        "queues": list(Queue.objects.filter(project=project, stage="annotate").exclude(state="closed").order_by("name")[:100]) if manages else [],
        "sent": Suspect.objects.filter(evaluation=found, task__isnull=False).count() if manages else 0,
    }
    return render_page(request, "evaluations/evaluation.html", context, project=project, section="versions")


@posted("/evaluations/{evaluation}#suspects")
@page
def act(request: PageRequest, evaluation: int) -> HttpResponse:
    """What was chosen is sent to a queue, or asked about; or what was sent is called back."""
    found = queries.get(request.actor, evaluation)
    try:
        messages.success(request, _done(request, found))
    except (Invalid, Conflict) as error:
        messages.error(request, error.detail)
    kind = request.POST.get("kind", "")
    return HttpResponseRedirect(f"/evaluations/{found.pk}?{urlencode({'kind': kind if kind in KINDS else '', 'after': request.POST.get('after', '')[:9]})}#suspects")


def _done(request: PageRequest, found: Evaluation) -> str:
    what = request.POST.get("act", "")
    if what == "call_back":
        n = acting.call_back(found, by=request.actor)
        return ngettext("%(n)d item was taken out again.", "%(n)d items were taken out again.", n) % {"n": n}
    chosen = [int(value) for value in request.POST.getlist("suspect") if value.isascii() and value.isdigit() and len(value) < 19]
    if what == "ask":
        n = acting.ask(found, suspects=chosen, words=request.POST.get("reason", ""), by=request.actor)
        return ngettext("%(n)d question was asked.", "%(n)d questions were asked.", n) % {"n": n}
    queue = request.POST.get("queue", "")
    if what != "send" or not queue.isascii() or not queue.isdigit() or len(queue) > 18:
        raise Invalid(_("Choose a queue."), fields={"queue": "required"})
    n = acting.send(found, queues.get(request.actor, int(queue)), suspects=chosen, by=request.actor)
    return ngettext("%(n)d item was sent to the queue.", "%(n)d items were sent to the queue.", n) % {"n": n}


page_routes = [path("evaluations/<id:evaluation>", one_evaluation), path("evaluations/<id:evaluation>/act", act)]

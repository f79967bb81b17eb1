"""What is done with a check run from its page: applied, undone, or checked anew. Each comes back to a run, or says why it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

from annotate.kernel.decisions import require
from annotate.kernel.errors import Conflict, Invalid
from annotate.kernel.pages import PageRequest, page, posted
from annotate.people.actor import Actor
from workflows.cleaning import applying, policies, queries, running
from workflows.cleaning.models import CheckRun
from workflows.cleaning.states import CHECK_RUN


def again(run: CheckRun, *, by: Actor) -> CheckRun:
    """Check anew with the rules as they are now: the same run while nothing was applied by it, else a new one."""
    if CHECK_RUN.allows(run.state, "again"):
        return running.again(run, by=by)
    require(policies.may_clean(by, run.project))
    return running.start(run.project, batch=run.batch, q=run.q, by=by)


def _view(act: Callable[..., CheckRun], over: str = "", words: Any = "") -> Callable[..., HttpResponse]:
    """An address that does this; `words` are said when the run is then in the state `over`: a long one is still at it."""

    @page
    @posted("/check-runs/{run}")
    def view(request: PageRequest, run: int) -> HttpResponse:
        found = queries.get_run(request.actor, run)
        try:
            found = act(found, by=request.actor)
        except (Conflict, Invalid) as error:
            messages.error(request, error.detail)
        else:
            if found.state == over:
                messages.success(request, str(words))
        return HttpResponseRedirect(f"/check-runs/{found.pk}")

    return view


run_act_routes = [
    path("check-runs/<id:run>/apply", _view(applying.apply, "applied", _("Applied. It can be undone here at any time."))),
    path("check-runs/<id:run>/undo", _view(applying.undo, "undone", _("Undone: nothing is held back, flagged or queued by this run any more."))),
    path("check-runs/<id:run>/again", _view(again)),
]

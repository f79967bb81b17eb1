"""/p/{project}/rounds/{round}: what a round's sample shows; closing and withdrawing it; and the rounds on the reviews page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _

from annotate.items.parts import Part
from annotate.kernel.errors import Conflict, Missing
from annotate.kernel.pages import PageRequest, fragment, page, posted, render_page
from annotate.kernel.paging import page as keyset
from annotate.projects import queries as projects
from annotate.projects.models import Project
from annotate.queues.policies import may_claim
from annotate.reviews.parts import review_parts
from workflows.rounds import deciding, policies, queries, showing, tallying
from workflows.rounds.batch_pages import batch_routes
from workflows.rounds.models import Round

NEWEST, PER_PAGE = 8, 50


def _round(request: PageRequest, project: int, round: int) -> Round:
    found = queries.get(request.actor, round)
    if found.batch.project_id != project:
        raise Missing()
    return found


def _judges(request: PageRequest, made: Round) -> bool:
    """Whether this person may take from the round's queue."""
    queue = made.queue
    if queue is None or queue.state != "open" or made.batch.project.archived_at is not None:
        return False
    named = set(queue.assignments.values_list("person_id", flat=True))
    held = projects.role(request.actor, made.batch.project)
    return bool(may_claim(held, queue.stage, assigned_only=bool(named), assigned=request.actor.person_id in named, paused=False))


@page
def one_round(request: PageRequest, project: int, round: int) -> HttpResponse:
    """The sample, how far it is, its mistakes against the mark, what they were, by person and by label."""
    made = _round(request, project, round)
    sample = tallying.kept(made)
    context: dict[str, Any] = showing.whole(made, sample)
    manages = bool(policies.may_plan(request.actor, made.batch.project))
    context |= {
        "manages": manages,
        "closing": showing.closing(made, context["of"]) if manages else [],
        "judges": _judges(request, made),
        "items_link": f"/p/{project}/items?q=round+%3D+{made.pk}",
    }
    response = render_page(request, "rounds/round.html", context, project=made.batch.project, section="reviews")
    if fragment(request) and not context["polls"]:
        response["HX-Refresh"] = "true"  # it ended while the page was open: the rest of it says so too
    return response


@page
@posted("/p/{project}/rounds/{round}")
def close(request: PageRequest, project: int, round: int) -> HttpResponse:
    """Decide it now."""
    made = _round(request, project, round)
    try:
        made = deciding.close(made, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        done = made.state in ("passing", "passed")
        messages.success(request, _("The round is closed: it passed.") if done else _("The round is closed: it failed."))
    return HttpResponseRedirect(f"/p/{project}/rounds/{round}")


@page
@posted("/p/{project}/rounds/{round}")
def withdraw(request: PageRequest, project: int, round: int) -> HttpResponse:
    """End it without a result."""
    made = _round(request, project, round)
    try:
        deciding.withdraw(made, reason=request.POST.get("reason", "")[: deciding.LONGEST_REASON], by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("The round is withdrawn. Verdicts stand as they were given."))
    return HttpResponseRedirect(f"/p/{project}/rounds/{round}")


@page
def all_rounds(request: PageRequest, project: int) -> HttpResponse:
    """Every round of the project, the newest first."""
    found = queries.project_of(request.actor, project)
    shown = keyset(queries.of_project(found), keys=("-id",), cursor=request.GET.get("cursor") or None, limit=PER_PAGE, bind=f"rounds|{found.pk}")
    context = {"rows": showing.rows(shown.rows), "next": shown.next, "later": bool(request.GET.get("cursor"))}
    return render_page(request, "rounds/rounds.html", context, project=found, section="reviews")


@review_parts.register("rounds")
def rounds_part(request: PageRequest, project: Project) -> Part | None:
    """The newest rounds on the reviews page."""
    if not policies.may_see(request.actor, project):
        return None
    found = list(queries.of_project(project).order_by("-id")[: NEWEST + 1])
    context = {
        "rows": showing.rows(found[:NEWEST]),
        "more": len(found) > NEWEST,
        "project": project,
        "manages": bool(policies.may_plan(request.actor, project)),
    }
    return Part("rounds/project_rounds.html", context)


page_routes = [
    *batch_routes,
    path("p/<id:project>/rounds", all_rounds),
    path("p/<id:project>/rounds/<id:round>", one_round),
    path("p/<id:project>/rounds/<id:round>/close", close),
    path("p/<id:project>/rounds/<id:round>/withdraw", withdraw),
]
